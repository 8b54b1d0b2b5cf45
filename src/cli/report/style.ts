/** The page's style. Its hash is in the page's policy, so no other one applies. */
export const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --back: #fff; --line: #d0d7de; --bar: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --soft: #9198a1; --back: #0d1117; --line: #3d444d; --bar: #4493f8; }
}
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 54rem; margin: 0 auto; padding: 2rem 1rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0.5rem; border-bottom: 1px solid var(--line); }
.sub, figcaption, dt, summary { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1rem; }
dt { font-size: 0.85rem; }
dd { margin: 0; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
figure { margin: 0; }
svg { display: block; width: 100%; height: auto; }
.bar { fill: var(--bar); }
.axis { stroke: var(--line); }
.note { fill: var(--soft); font-size: 11px; }
table { border-collapse: collapse; margin: 0.5rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.15rem 0.8rem 0.15rem 0; border-bottom: 1px solid var(--line); font-weight: normal; }
th:first-child, .text th, .text td { text-align: left; vertical-align: top; }
.time { white-space: nowrap; }
thead th { color: var(--soft); font-size: 0.85rem; }
summary { font-size: 0.85rem; cursor: pointer; }
`;
