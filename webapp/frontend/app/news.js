// Keeps the counts of open pages right: one small request now and then, answered 304 as long as nothing has changed.
// Pages of one person in the same browser share what one of them hears, so many tabs ask no more than one.
const EVERY_MS = 20_000;
const HIDDEN_MS = 60_000;
const AT_ONCE_MS = 1_000;
const MOST = 1000;

export function startNews() {
  const source = document.querySelector('[data-news]');
  if (!source) return;
  const person = document.body.dataset.person;
  const others = new BroadcastChannel('schoolflow-news');
  const title = document.title;
  let known = { todo: Number(source.dataset.todo) };
  let heard = 0;
  let timer;

  others.addEventListener('message', ({ data }) => { if (data.person === person) take(data.news); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) askSoon(); });
  window.addEventListener('focus', askSoon);
  window.addEventListener('pageshow', ({ persisted }) => { if (persisted) askSoon(); });
  entitle(known.todo);
  wait();

  function askSoon() {
    if (Date.now() - heard > AT_ONCE_MS) ask();
  }

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(ask, document.hidden ? HIDDEN_MS : EVERY_MS);
  }

  async function ask() {
    heard = Date.now();
    const answer = await fetch(source.dataset.news, { headers: { Accept: 'application/json' }, cache: 'no-cache' }).catch(() => null);
    if (answer?.status === 401) { clearTimeout(timer); return; }
    if (!answer?.ok) { wait(); return; }
    const news = await answer.json();
    others.postMessage({ person, news });
    take(news);
  }

  function take(news) {
    heard = Date.now();
    const isYounger = known.newest !== undefined && news.newest > known.newest;
    const isMore = news.todo > known.todo;
    known = news;
    for (const [box, count] of Object.entries(news)) badge(box, count);
    entitle(news.todo);
    if (isYounger || isMore) tell(isYounger ? `${source.dataset.said}${news.title}` : source.dataset.more);
    wait();
  }

  function badge(box, count) {
    for (const mark of document.querySelectorAll(`[data-waiting="${box}"]`)) {
      mark.hidden = !count;
      mark.textContent = words(count);
    }
  }

  function entitle(count) {
    document.title = count ? `(${words(count)}) ${title}` : title;
  }

  function tell(text) {
    const bar = document.querySelector('[data-news-bar]');
    if (bar) bar.hidden = false;
    else if (!document.hidden) document.dispatchEvent(new CustomEvent('toast', { detail: { kind: 'info', text } }));
  }
}

function words(count) {
  return count >= MOST ? '999+' : String(count);
}
