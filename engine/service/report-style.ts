/** How an evaluation's report looks: light and dark, on screen and on paper. */
import { html } from './html.ts';

export const reportStyle = html`<style>
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1a1f26; --soft: #56616e; --line: #dde1e6;
  --accent: #2a5bd7; --track: #e6e9ee; --low: #a82a1c; --low-back: #fdebe8; --high: #17633a; --high-back: #e4f5ea;
  --middle: #6b4b00; --middle-back: #fdf2d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --card: #1b2027; --ink: #e7eaee; --soft: #a5b0bc; --line: #313944;
    --accent: #82a8ff; --track: #2b323c; --low: #ffa99c; --low-back: #43201b; --high: #86dca8; --high-back: #163523;
    --middle: #f2ca73; --middle-back: #3b2e10;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 1168px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 40px; }
h1 { margin: 0 0 4px; font-size: 28px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 44px 0 4px; font-size: 20px; }
p { margin: 0 0 8px; }
.soft, footer, caption { color: var(--soft); }
section p { max-width: 75ch; }
footer { margin-top: 48px; padding-bottom: 40px; font-size: 13px; }

.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 12px; margin: 16px 0 0; }
.headline div { display: flex; flex-direction: column-reverse; background: var(--card); border: 1px solid var(--line);
  border-radius: 10px; padding: 14px 18px; }
.headline dt { color: var(--soft); font-size: 13px; }
.headline dd { margin: 0; font-size: 26px; font-weight: 650; font-variant-numeric: tabular-nums; }

.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 12px 0 20px;
  padding: 6px 18px 8px; }
.narrow { max-width: 520px; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 8px 0 6px; font-size: 13px; }
th, td { text-align: left; padding: 6px 16px 6px 0; border-top: 1px solid var(--line); vertical-align: middle; }
thead th { border-top: 0; color: var(--soft); font-size: 13px; font-weight: 600; }
th:last-child, td:last-child { padding-right: 0; }
tbody th { font-weight: 500; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
.mark { width: 40%; min-width: 140px; }
.facts th { width: 30%; min-width: 170px; color: var(--soft); }
.facts td { overflow-wrap: anywhere; }
code { font: 13px/1.4 ui-monospace, monospace; }

svg { display: block; width: 100%; }
.bar { height: 10px; }
.bar .track { fill: var(--track); }
.bar .value, .histogram .value { fill: var(--accent); }
figure { margin: 0; }
.histogram { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px; margin: 12px 0 20px; }
.histogram svg { height: auto; }
.histogram text { fill: var(--soft); font: 12px system-ui, sans-serif; }
.histogram .axis { stroke: var(--line); }
.histogram figcaption { margin-top: 8px; font-size: 13px; color: var(--soft); }

.items { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 16px; margin: 16px 0 0;
  padding: 0; list-style: none; }
.items li { display: flex; min-width: 0; }
.items figure { display: flex; flex-direction: column; width: 100%; min-width: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: 10px; overflow: hidden; break-inside: avoid; }
.items img, .missing { width: 100%; height: 180px; background: var(--track); }
.items img { object-fit: contain; }
.missing { display: grid; place-items: center; padding: 16px; color: var(--soft); font-size: 13px; text-align: center; }
figcaption { overflow-wrap: anywhere; }
.items figcaption { padding: 12px 14px 14px; }
.items figcaption p { margin: 0 0 8px; }
.question { font-weight: 600; }
.label { display: block; font-size: 12px; color: var(--soft); }
.references { margin: 0; padding: 0; list-style: none; }
.references li { display: list-item; }
.long li + li { margin-top: 5px; padding-top: 5px; border-top: 1px solid var(--line); }
.items small { display: block; margin-top: 10px; color: var(--soft); }
.chip + p .label { min-height: 26px; line-height: 22px; }
.chip { float: right; margin-left: 10px; padding: 1px 9px; border-radius: 99px; font-size: 13px; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.plain { background: var(--track); }
.low { color: var(--low); background: var(--low-back); }
.middle { color: var(--middle); background: var(--middle-back); }
.high { color: var(--high); background: var(--high-back); }
details { margin: 12px 0; }
summary { cursor: pointer; padding: 4px 0; }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
@media (max-width: 560px) { header, main, footer { padding-left: 14px; padding-right: 14px; } }
@media print {
  body { background: none; }
  .items { grid-template-columns: repeat(3, 1fr); }
  h2 { break-after: avoid; }
}
</style>`;
