"""The style sheet of the HTML site: light and dark as the reader's system says, narrow screens, print."""

CSS = """\
:root { color-scheme: light dark; --ink: #1a1d21; --paper: #ffffff; --soft: #5b6570; --line: #d5dae0; --well: #f5f7f9;
  --link: #0b57b0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7ea; --paper: #15181b; --soft: #a3adb7; --line: #373d44; --well: #1e2226; --link: #7db3f5; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, sans-serif; }
header, main { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 0.8rem; min-height: 2.4rem; }
main { padding-bottom: 4rem; }
h1 { font-size: 1.9rem; margin: 0.6rem 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; margin: 2.2rem 0 0.6rem; padding-top: 0.8rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 0.3rem; }
a { color: var(--link); }
h2 a, h3 a { color: inherit; text-decoration: none; }
h2 a:hover, h3 a:hover, h2 a:focus, h3 a:focus { text-decoration: underline; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.88em; }
pre { background: var(--well); padding: 0.7rem 0.9rem; border-radius: 6px; overflow-x: auto; }
.wide, .formula, figure { overflow-x: auto; }
figure { margin: 0.5rem 0; }
table { border-collapse: collapse; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 0.28rem 0.8rem 0.28rem 0;
  border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.formula { background: var(--well); padding: 0.8rem 0.9rem; border-radius: 6px; }
.formula math { font-size: 1.08rem; }
.formula p.where { color: var(--soft); margin: 0.6rem 0 0; }
ul.where { list-style: none; margin: 0; padding: 0; }
details { margin: 0.4rem 0; }
summary { cursor: pointer; color: var(--soft); }
svg a text { fill: var(--link); }
@media screen and (max-width: 40rem) { figure svg { max-width: none !important; } }
@media print {
  :root { --ink: #000; --paper: #fff; --soft: #444; --line: #bbb; --well: #fff; --link: #000; }
  header, details:not([open]) { display: none; }
  body { font-size: 10.5pt; }
  .wide, .formula, figure, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  figure, tr, .formula { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""
