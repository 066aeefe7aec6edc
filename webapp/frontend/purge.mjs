// Keeps the rules of a style sheet whose classes all occur in our own sources.
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = /\.(html|js|mjs|py|css|json)$/;

/** Every word of the sources below the folders: a superset of the class names in use. */
export function wordsIn(folders) {
  const words = new Set();
  const visit = (folder) => {
    for (const item of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, item.name);
      if (item.isDirectory()) visit(path);
      else if (SOURCES.test(item.name)) for (const word of readFileSync(path, 'utf8').match(/[\w-]+/g) ?? []) words.add(word);
    }
  };
  folders.filter(existsSync).forEach(visit);
  return words;
}

/** The text of the style sheet without the rules that no source can use. */
export function keepUsedRules(css, words) {
  const text = css.replace(/\/\*[\s\S]*?\*\//g, '');
  let kept = '';
  let at = 0;
  while (at < text.length) {
    const brace = text.indexOf('{', at);
    const semicolon = text.indexOf(';', at);
    if (brace < 0) break;
    if (semicolon >= 0 && semicolon < brace) {
      kept += text.slice(at, semicolon + 1);
      at = semicolon + 1;
      continue;
    }
    const end = closing(text, brace);
    kept += block(text.slice(at, brace).trim(), text.slice(brace + 1, end), words);
    at = end + 1;
  }
  return kept;
}

function block(head, body, words) {
  if (/^@(media|supports|layer|container)/.test(head)) {
    const inner = keepUsedRules(body, words);
    return inner ? `${head}{${inner}}` : '';
  }
  if (head.startsWith('@')) return `${head}{${body}}`;
  const selectors = splitSelectors(head).filter((selector) => isUsed(selector, words));
  return selectors.length ? `${selectors.join(',')}{${body}}` : '';
}

function isUsed(selector, words) {
  const classes = selector.replace(/:not\([^)]*\)/g, '').match(/\.(?:\\.|[\w-])+/g) ?? [];
  return classes.every((name) => words.has(name.slice(1)));
}

function splitSelectors(head) {
  const parts = [''];
  let depth = 0;
  for (const char of head) {
    depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    if (char === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim());
}

function closing(text, open) {
  let depth = 0;
  let quote = '';
  for (let at = open; at < text.length; at += 1) {
    const char = text[at];
    if (quote) {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '{') depth += 1;
    else if (char === '}' && (depth -= 1) === 0) return at;
  }
  throw new Error('unbalanced braces in a style sheet');
}
