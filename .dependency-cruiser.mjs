// Which room of src may import which, and no cycle of imports, `import type` included: `npm run rooms`.
// Node.js and swc parse what TypeScript 7 has no programming interface for.
import { readdirSync } from 'node:fs';

/** Every room, and what it imports besides `ports` and `errors.ts`. ARCHITECTURE.md says what each one holds. */
const ROOMS = {
  'bin.ts': ['cli'],
  cli: [
    'aws',
    'archive',
    'compact',
    'disk',
    'export',
    'journal',
    'lib',
    'local',
    'lock',
    'prune',
    'monitor',
    'reading',
    'replay',
    'report',
    'restore',
    's3',
    'table',
    'verify',
    'watch',
  ],
  monitor: ['lib', 'watch'],
  'index.ts': ['library', 'restore', 'verify', 'watch'],
  library: ['aws', 'lib', 'reading', 'restore', 'verify', 'watch'],
  lambda: ['archive', 'lib', 's3', 'store'],
  watch: ['archive', 'aws', 'disk', 'journal', 'lib', 'lock', 's3', 'shards', 'store', 'stream', 'table', 'upload'],
  stream: ['lib', 'shards'],
  shards: ['lib'],
  store: ['archive', 'lib'],
  upload: ['archive', 'journal', 'lib'],
  reading: ['archive', 'disk', 'journal', 'lib', 'restore', 's3', 'table', 'verify'],
  restore: ['archive', 'journal', 'lib'],
  verify: ['archive', 'journal', 'lib'],
  compact: ['archive', 'lib', 'store'],
  prune: ['archive', 'journal', 'lib', 'store'],
  report: ['lib'],
  export: ['lib'],
  replay: ['archive', 'lambda', 'lib', 'store'],
  journal: ['archive', 'lib'],
  lock: ['archive', 'lib'],
  archive: ['lib'],
  table: ['lib'],
  aws: ['connection', 'lib'],
  connection: ['lib'],
  s3: ['archive', 'connection', 'lib'],
  disk: ['lib'],
  local: ['lib'],
  lib: [],
  ports: [],
  'errors.ts': [],
};

/** Packages and parts of Node.js that are the business of a few rooms. */
const PACKAGES = [
  { path: '@aws-sdk/(?!client-s3/)|@smithy/', rooms: ['aws', 'connection'] },
  { path: '@aws-sdk/client-s3/', rooms: ['s3'] },
  { path: 'hyparquet', rooms: ['export'] },
  { path: '^(node:)?fs(/promises)?$', rooms: ['disk', 'local', 'connection', 'cli'] },
];

const unknown = readdirSync('src').filter((room) => !Object.hasOwn(ROOMS, room));
const missing = Object.keys(ROOMS).filter((room) => !readdirSync('src').includes(room));
if (unknown.length + missing.length > 0) {
  throw new Error(`.dependency-cruiser.mjs does not list what is in src: ${[...unknown, ...missing].join(', ')}`);
}

function within(rooms) {
  return `^src/(${rooms.map((room) => (room.endsWith('.ts') ? `${room}$` : `${room}/`)).join('|')})`;
}

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...Object.entries(ROOMS).map(([room, others]) => ({
      name: `what-${room}-imports`,
      severity: 'error',
      from: { path: within([room]) },
      to: { path: '^src/', pathNot: within([room, ...others, 'ports', 'errors.ts']) },
    })),
    ...PACKAGES.map(({ path, rooms }) => ({
      name: `only-${rooms.join('-')}`,
      severity: 'error',
      from: { path: '^src/', pathNot: within(rooms) },
      to: { path },
    })),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
