/** The page's looks: everything in it, light and dark, on a telephone and on paper. Nothing is told by colour alone. */

export const STYLE = `
:root{--ink:#1b1f24;--paper:#fff;--soft:#f3f4f6;--line:#8b929b;--faint:#d5d9de;--work:#1d4f91;--wait:#8a4b00;--alarm:#9b1c1c;color-scheme:light}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e8eb;--paper:#14171a;--soft:#1f2428;--line:#7d858e;--faint:#3a4148;--work:#7fb2f5;--wait:#f0b35a;--alarm:#ff9a9a;color-scheme:dark}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:70rem;padding:1.5rem;color:var(--ink);background:var(--paper);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:2px solid var(--line)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p{margin:.5rem 0}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.86em}
td,dd,pre,code,p,h1,h3{unicode-bidi:isolate}
td{overflow-wrap:normal}
td code,.long{overflow-wrap:anywhere}
td:first-child:has(>code:only-child){min-width:7rem}
pre{margin:.25rem 0 1rem;padding:.6rem .75rem;background:var(--soft);border:1px solid var(--faint);white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
.script{border-left:4px solid var(--work)}
.title{margin:.75rem 0 0;font-weight:600;font-size:.92rem}
.lead{margin:0}
.alarm{border:3px double var(--alarm);padding:.6rem .75rem;font-weight:700}
dl{margin:.5rem 0;display:grid;grid-template-columns:minmax(9rem,14rem) 1fr;gap:.25rem 1rem}
dl>div{display:contents}
dt{font-weight:600}
dd{margin:0}
table{width:100%;border-collapse:collapse;margin:.5rem 0 1rem;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid var(--faint)}
th{border-bottom:2px solid var(--line);overflow-wrap:normal}
nav{margin:1rem 0 0;display:flex;flex-wrap:wrap;gap:.25rem 1rem;font-size:.92rem}
a{color:inherit}
summary{cursor:pointer;font-weight:600;padding:.2rem 0}
.folded{margin-bottom:.5rem}
.hidden{position:absolute;width:0;height:0;overflow:hidden}
.timeline{margin:1rem 0}
.row{display:grid;grid-template-columns:minmax(7rem,12rem) minmax(10rem,1fr) minmax(9rem,17rem);gap:0 1rem;align-items:center;padding:.2rem 0;border-bottom:1px solid var(--faint);font-size:.88rem}
.bars{display:block;width:100%;height:22px;background:var(--soft)}
.axis{font-size:.8rem;border-bottom:2px solid var(--line)}
.ticks{display:flex;justify-content:space-between}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;font-size:.88rem;margin-top:.75rem}
.legend span{display:inline-flex;align-items:center;gap:.4rem}
.legend svg{width:34px;height:16px;flex:none}
rect.bar{stroke:var(--ink);stroke-width:1}
.work{fill:var(--work)}
.check{fill:var(--paper);stroke-dasharray:3 2}
.ground{fill:var(--paper)}
.mark{stroke:var(--wait);stroke-width:2.5;fill:none}
.dot{fill:var(--wait)}
footer{margin-top:3rem;padding-top:.75rem;border-top:2px solid var(--line);font-size:.85rem}
article+article{margin-top:4rem;padding-top:1.5rem;border-top:6px double var(--line)}
@media screen and (min-width:66rem){td time{white-space:nowrap}}
@media screen{details.fold:not([open])+.folded{display:none}}
@media screen and (max-width:50rem){
body{padding:1rem}
h1{font-size:1.3rem}
dl{grid-template-columns:1fr;gap:0}
dd{margin:0 0 .5rem}
table,tbody,tr,td{display:block;width:100%}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-bottom:2px solid var(--line);padding:.3rem 0}
td{border:0;padding:.1rem 0}
td:empty{display:none}
td::before{content:attr(data-label) ": ";font-weight:600}
.row{grid-template-columns:1fr;gap:.15rem}
}
@media print{
@page{margin:14mm}
html{font-size:9.5pt}
body{max-width:none;padding:0}
nav{display:none}
details.fold>summary{list-style:none}
h2,h3,.title,details.fold{break-after:avoid}
tr,.row,dl>div,.alarm,.legend{break-inside:avoid}
pre{break-inside:auto;orphans:3;widows:3}
th,td{padding:.2rem .3rem}
article+article{break-before:page;margin:0;padding:0;border:0}
.row{grid-template-columns:9rem 1fr 12rem}
}
`;
