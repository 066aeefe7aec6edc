// Titles that the tools write in English whatever the language: put into Chinese as they appear.
import { isEnglish } from './words.js';

const WORDS = {
  'Section contains edits': '这一组有内容', 'Toggle section': '展开或收起', 'Open pop-up editor': '在大窗口中编辑', 'Create new list item': '新增一项', 'Toggle list item': '展开或收起',
  'Delete item': '删除这一项', 'Play/Pause Simulation': '播放或暂停', 'Reset Simulation': '重来', 'Toggle Simulation Log': '显示或隐藏记录', 'Set animation speed = Slow': '慢速', 'Set animation speed = Normal': '中速',
  'Set animation speed = Fast': '快速', 'Trigger Event': '触发事件', 'Set Sequence Flow': '换一条走向', 'Add pause point': '在此暂停', 'Remove pause point': '取消暂停', 'Move Input': '移动输入列', 'Move Output': '移动输出列',
  'Decision table context menu': '决策表菜单', 'Search in diagram': '在图中查找', Close: '关闭', 'Section contains an error': '这一组有错误', 'List item contains an error': '这一项有错误', 'Open/Close popup editor': '大窗口编辑',
};
const COUNTED = /^List contains (\d+) items?$/;
const TEXTS = {
  'Simulation Log': '模拟记录', 'No Entries': '还没有记录', Finished: '已走完', 'Reset Simulation': '重来', 'Play Simulation': '继续模拟', 'Pause Simulation': '暂停模拟', 'Found unsupported elements': '有不能模拟的元素', 'Not supported': '不能模拟',
  Task: '任务', 'User Task': '用户任务', 'Service Task': '服务任务', 'Script Task': '脚本任务', 'Send Task': '发送任务', 'Receive Task': '接收任务', 'Manual Task': '手工任务', 'Business Rule Task': '规则任务', 'Call Activity': '调用流程',
  'Exclusive Gateway': '排他网关', 'Parallel Gateway': '并行网关', 'Inclusive Gateway': '包容网关', 'Start Event': '开始', 'Intermediate Event': '中间事件', 'Boundary Event': '边界事件', 'End Event': '结束',
};

/** Watches an element and all it will hold. */
export function translateTitles(node) {
  if (isEnglish) return;
  const watched = { subtree: true, childList: true, attributes: true, attributeFilter: ['title', 'aria-label'] };
  new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === 'attributes') translate(target);
      else for (const added of addedNodes) if (added instanceof HTMLElement) all(added); // a diagram's shapes have no titles
    }
  }).observe(node, watched);
  all(node);
}

function all(node) {
  translate(node);
  for (const inner of node.querySelectorAll('[title], [aria-label]')) translate(inner);
  for (const inner of node.querySelectorAll('.bts-log .bts-header, .bts-log .bts-placeholder, .bts-log .bts-entry .bts-text, .bts-notification .bts-text')) {
    const { textContent } = inner;
    for (const [english, chinese] of Object.entries(TEXTS)) if (textContent.trim() === english) inner.lastChild.textContent = chinese;
  }
}

function translate(node) {
  for (const name of ['title', 'aria-label']) {
    const text = node.getAttribute(name);
    const chinese = text && (WORDS[text] ?? (COUNTED.test(text) ? `${COUNTED.exec(text)[1]} 项` : undefined));
    if (chinese) node.setAttribute(name, chinese);
  }
}
