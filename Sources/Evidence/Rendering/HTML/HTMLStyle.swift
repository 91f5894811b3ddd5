/// The style sheet of every page; its digest stands in the page's policy, so that nothing else can
/// style or script it.
enum HTMLStyle {
  static let text = """
    :root{color-scheme:light dark;--bg:#fff;--fg:#1a1d21;--soft:#5a6470;--line:#d5dae0;--panel:#f5f7f9;\
    --good:#146c3a;--bad:#b3261e;--warn:#8a5300;--work:#2f6fb3;--cloud:#9dbfe2;--person:#c98a1b;\
    --verify:#4f8f5b;--over:#8b95a1;--before:#5b4a8a;--target:#1a1d21}
    @media screen and (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e8eaed;--soft:#a8b1bb;\
    --line:#3a4149;--panel:#1e2227;--good:#6fd196;--bad:#ff8a80;--warn:#f0b55c;--work:#6aa9e9;\
    --cloud:#3d6690;--person:#d9a441;--verify:#7cbf88;--over:#78828d;--before:#a594d6;--target:#e8eaed}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
    main{max-width:70rem;margin:0 auto;padding:1rem}
    h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
    p{margin:.25rem 0 .75rem}a{color:var(--work)}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem}
    .verdict{border:2px solid;border-radius:.5rem;padding:1rem;margin:1rem 0}
    .verdict strong{font-size:1.5rem;display:block}
    .good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.soft{color:var(--soft)}
    .verdict p,.verdict li{color:var(--fg)}
    .scroll{overflow-x:auto;max-width:100%}
    table{margin:.5rem 0;border-collapse:collapse;width:100%;font-size:.9rem}
    caption{text-align:left;color:var(--soft);padding:.25rem 0}
    th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);\
    overflow-wrap:break-word;max-width:26rem}
    td.n,th.n{text-align:right;white-space:nowrap}
    thead{display:table-header-group}
    code,pre{font:.85rem/1.45 ui-monospace,monospace;overflow-wrap:anywhere}
    pre{background:var(--panel);padding:.75rem;border-radius:.4rem;white-space:pre-wrap}
    svg{display:block;width:100%;min-width:34rem;height:auto;font:12px system-ui,sans-serif}
    svg text{fill:var(--fg)}svg .soft{fill:var(--soft)}svg .grid{stroke:var(--line)}
    svg .work{fill:var(--work)}svg .cloud{fill:var(--cloud)}svg .person{fill:var(--person)}
    svg .verify{fill:var(--verify)}svg .over{fill:var(--over)}svg .before{fill:var(--before)}
    svg .good{fill:var(--good)}svg .bad{fill:var(--bad)}svg .target{stroke:var(--target);stroke-width:2}
    svg .critical{fill:none;stroke:var(--bad);stroke-width:2}
    .key{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;font-size:.85rem}
    .key i{display:inline-block;width:.8rem;height:.8rem;border-radius:.15rem;margin-right:.35rem}
    i.work{background:var(--work)}i.cloud{background:var(--cloud)}i.person{background:var(--person)}
    i.verify{background:var(--verify)}i.over{background:var(--over)}i.before{background:var(--before)}
    i.critical{border:2px solid var(--bad)}
    details{margin:.5rem 0}summary{cursor:pointer}
    footer{margin:2rem 0;color:var(--soft);font-size:.85rem}
    @page{size:A4;margin:15mm}
    @media print{main{max-width:none;padding:0}.skip{display:none}section,tr,svg{break-inside:avoid}\
    section.long{break-inside:auto}svg{min-width:0}.scroll{overflow:visible}\
    details::details-content{content-visibility:visible}\
    *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
    """
}
