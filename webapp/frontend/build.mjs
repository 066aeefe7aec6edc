// Bundles every folder of webapp/frontend that has a main.js or main.css into webapp/static/build,
// with content hashes, a manifest for the templates, an icon sprite and precompressed copies.
// Usage: node webapp/frontend/build.mjs
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { keepUsedRules, wordsIn } from './purge.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const out = join(here, '..', 'static', 'build');

function entryPoints() {
  const entries = {};
  for (const folder of readdirSync(here, { withFileTypes: true }).filter((item) => item.isDirectory())) {
    for (const kind of ['js', 'css']) {
      const path = join(here, folder.name, `main.${kind}`);
      if (existsSync(path)) entries[`${folder.name}-${kind}`] = path;
    }
  }
  return entries;
}

// Tabler's style sheet is 635 KB; only the rules whose classes occur in our sources are kept.
const purgeTabler = {
  name: 'purge-tabler',
  setup({ onLoad }) {
    onLoad({ filter: /@tabler[\\/]core[\\/]dist[\\/]css[\\/].*\.css$/ }, ({ path }) => {
      const words = wordsIn(['webapp/templates', 'webapp/pages', 'webapp/frontend', 'processes'].map((dir) => join(root, dir)));
      return { contents: keepUsedRules(readFileSync(path, 'utf8'), words), loader: 'css' };
    });
  },
};

// Event Calendar is published as a script that sets a global; as a module it exports it.
const calendarModule = {
  name: 'calendar-module',
  setup({ onLoad }) {
    onLoad({ filter: /event-calendar\.min\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8').replace(/\/\/# sourceMappingURL.*/, '')}\nexport default EventCalendar;`,
      loader: 'js',
    }));
  },
};

function hash(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 10);
}

// The icons our pages name, and those that objects, processes and their actions name.
function iconNames() {
  const names = new Set(readFileSync(join(here, 'icons.txt'), 'utf8').split('\n').filter(Boolean));
  const visit = (folder) => {
    for (const item of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, item.name);
      if (item.isDirectory()) visit(path);
      else if (/\.(ya?ml|py)$/.test(item.name)) for (const [, name] of readFileSync(path, 'utf8').matchAll(/\bicon(?:: *|=")([a-z0-9-]+)/g)) names.add(name);
    }
  };
  visit(join(root, 'processes'));
  return [...names].filter((name) => existsSync(iconFile(name))).sort();
}

function iconFile(name) {
  return join(root, 'node_modules/@tabler/icons/icons/outline', `${name}.svg`);
}

function writeIcons() {
  const names = iconNames();
  writeFileSync(join(out, 'icons.json'), JSON.stringify(names));
  const symbols = names.map((name) => {
    const source = readFileSync(iconFile(name), 'utf8');
    const shapes = source.replace(/<!--[\s\S]*?-->/g, '').match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, '')}</symbol>`;
  });
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
  const file = `icons-${hash(sprite)}.svg`;
  writeFileSync(join(out, file), sprite);
  return file;
}

function compress() {
  for (const name of readdirSync(out)) {
    if (!/\.(js|css|svg)$/.test(name)) continue;
    const content = readFileSync(join(out, name));
    writeFileSync(join(out, `${name}.gz`), gzipSync(content, { level: 9 }));
    writeFileSync(join(out, `${name}.br`), brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
  }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const options = {
  absWorkingDir: root,
  outdir: out,
  bundle: true,
  minify: true,
  target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.svg': 'file', '.eot': 'empty', '.bpmn': 'text' },
  legalComments: 'linked',
  logLevel: 'warning',
  metafile: true,
  assetNames: '[name]-[hash]',
  plugins: [purgeTabler, calendarModule],
};
const modules = await build({
  ...options,
  entryPoints: entryPoints(),
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  splitting: true,
});
// The theme must be known before the first paint: one small classic script that blocks.
const theme = await build({ ...options, entryPoints: { theme: join(here, 'theme.js') }, entryNames: '[name]-[hash]', format: 'iife' });

const manifest = { 'icons.svg': writeIcons() };
for (const { outputs } of [modules.metafile, theme.metafile]) {
  for (const [file, { entryPoint }] of Object.entries(outputs)) {
    const [, name, kind] = entryPoint?.match(/^webapp\/frontend\/(\w+)(?:\/main)?\.(js|css)$/) ?? [];
    if (name && file.endsWith(`.${kind}`)) manifest[`${name}.${kind}`] = relative(out, join(root, file));
  }
}
compress();
writeFileSync(join(out, 'manifest.json'), JSON.stringify(manifest, null, 2));
