"""The page's one style sheet, and the policy that allows it and nothing else."""

import base64
import hashlib

# The columns of the table of figures: a phone shows them from here, so that no cell has to repeat them.
FIGURES = ("runs", "failed", "typical s", "longest s", "ran out", "came back", "hidden")
_FIGURES = "".join(
    f'.figures td:nth-child({at})::before{{content:"{name}"}}' for at, name in enumerate(FIGURES, 2)
)

STYLE = """
:root{color-scheme:light dark;--bg:#fff;--card:#f5f6f8;--text:#1b1f24;--faint:#59626d;--line:#d5d9df;
--link:#0b57a4;--a:#1f6fb5;--b:#f0b45a;--g:#0b6b32;--gb:#dff3e5;--w:#7a4a00;--wb:#fdf0d5;--x:#a3171f;--xb:#fde5e5}
@media screen and (prefers-color-scheme:dark){:root{--bg:#14171b;--card:#1d2127;--text:#e6e9ed;
--faint:#a3acb8;--line:#363d47;--link:#7fb8f5;--a:#5aa2e6;--b:#b27a1c;--g:#7fdca0;--gb:#143322;--w:#f3c57a;--wb:#3a2b10;
--x:#ff9d9d;--xb:#451a1c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--bg);color:var(--text);
font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}bdi{overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.2rem 0 0}h2{font-size:1.25rem;margin:2rem 0 .5rem}
h3{font-size:1.05rem;margin:1.75rem 0 .25rem}p{margin:.3rem 0 .7rem}
a{color:var(--link)}code{font-size:.9em}table code{white-space:nowrap}
.faint,small{color:var(--faint)}small{font-size:.85em}
.tiles{list-style:none;margin:1rem 0;padding:0;display:grid;gap:.6rem;
grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr))}
.tiles li{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}
.tiles b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
table{width:100%;border-collapse:collapse;margin:.75rem 0 .25rem;font-size:.93rem}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);
font-weight:400}
thead th{color:var(--faint);font-size:.85rem;border-bottom:2px solid var(--line);vertical-align:bottom}
td.n,thead th.n{text-align:right;font-variant-numeric:tabular-nums}td.n,.figures td{white-space:nowrap}
.figures td{text-align:right;font-variant-numeric:tabular-nums}
td.n+td:not(.n),th.n+th:not(.n){padding-left:1rem}tbody th{min-width:9rem}time{white-space:nowrap}
.pill{display:inline-block;justify-self:start;white-space:nowrap;padding:0 .5rem;
border-radius:1rem;font-size:.85rem;font-weight:600;
background:var(--card);color:var(--faint);border:1px solid var(--line)}
.good{background:var(--gb);color:var(--g);border-color:var(--g)}
.attention{background:var(--wb);color:var(--w);border-color:var(--w)}
.bad{background:var(--xb);color:var(--x);border-color:var(--x)}
.told{border-left:.25rem solid var(--x);background:var(--xb);padding:.5rem .75rem}
.place{border:1px solid var(--line);border-radius:.5rem;margin:1rem 0;padding:0 1rem;background:var(--bg)}
.place[open]{padding-bottom:1rem}
summary{cursor:pointer;padding:.6rem 0}summary h2{display:inline;margin:0 .5rem 0 0}
.charts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(19rem,100%),1fr))}
figure{margin:0;max-width:34rem}figcaption{font-size:.9rem;margin-bottom:.25rem}figcaption b{display:block}
.key{margin-right:1rem;color:var(--faint);white-space:nowrap}
.key i{display:inline-block;width:.8em;height:.8em;margin-right:.35em;border:1px solid var(--faint)}
i.a{background:var(--a)}i.b{background:var(--b)}
svg{display:block;width:100%;height:auto}svg text{fill:var(--text);font:11px system-ui,sans-serif}
svg .e{text-anchor:end}svg .m{text-anchor:middle}svg .grid{stroke:var(--line);fill:none}
svg .a{fill:var(--a)}svg .b{fill:var(--b)}
footer{margin-top:2.5rem;border-top:1px solid var(--line);color:var(--faint);font-size:.9rem}
@media (min-width:44.01rem){.why td:nth-child(4){width:32%}}
@media (max-width:44rem){
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,caption,tbody,tr,th,td{display:block}
tr{border-bottom:1px solid var(--line);padding:.4rem 0}
tbody th,td,td.n{border:0;padding:.1rem 0;text-align:left;white-space:normal}
tbody th{font-weight:600}
td{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:.5rem;align-items:baseline}
td::before{content:attr(data-h);color:var(--faint);font-size:.85rem}
td.n+td:not(.n){padding-left:0}td:empty{display:none}.place{padding:0 .75rem}
.figures td{display:inline-grid;grid-template-columns:auto auto;margin-right:.75rem}
FIGURES
.slim td,.slim td.n{display:inline;margin-right:.75rem}.slim td::before{content:attr(data-h) " "}
.slim td:last-child::before{content:""}
.glance td:last-child{display:block}
}
@media print{
@page{margin:1.4cm}
html{font-size:9.5pt}body{max-width:none;padding:0}tbody th{min-width:6rem}.place tbody th{min-width:9rem}
a{color:inherit;text-decoration:none}tr,figure,.tiles li{break-inside:avoid}
h2,h3,caption{break-after:avoid}.place{border:0;padding:0}summary{list-style:none}
.place:not([open]),.more:not([open]){display:none}
.charts{grid-template-columns:repeat(3,1fr)}thead{display:table-header-group}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
""".strip().replace("FIGURES", _FIGURES)

_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
