//! The colours, light and dark in one file. Verdicts have shapes and words besides.
//!
//! Depends on nothing.

/// The style sheet of every plot. The ground is drawn, because a page may be dark where the system is light.
pub(super) const STYLE: &str = "
svg{--ground:#fff;--ink:#1f2328;--muted:#59636e;--grid:#d8dee4;--pass:#1a7f37;--miss:#cf222e;--unclear:#9a6700;--first:#0969da;--second:#8250df;--third:#bf3989;--other:#8c959f}
@media(prefers-color-scheme:dark){svg{--ground:#0d1117;--ink:#e6edf3;--muted:#9198a1;--grid:#30363d;--pass:#3fb950;--miss:#ff7b72;--unclear:#d29922;--first:#58a6ff;--second:#bc8cff;--third:#ff80c8;--other:#6e7681}}
.ground{fill:var(--ground)}
.text{fill:var(--ink);font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
.title{font-size:16px;font-weight:600}
.strong{font-weight:600}
.muted{fill:var(--muted)}
.grid{stroke:var(--grid);stroke-width:1}
.target{stroke:var(--ink);stroke-width:2}
.side{fill:var(--ink)}
.bar{stroke-width:3}
.shape{stroke-width:2}
.open{fill:var(--ground)}
.line{fill:none;stroke-width:2}
.whisker{stroke:var(--ink);stroke-width:1.5}
.pass{--it:var(--pass)}.miss{--it:var(--miss)}.unclear{--it:var(--unclear)}.none{--it:var(--muted)}
.first{--it:var(--first)}.second{--it:var(--second)}.third{--it:var(--third)}.other{--it:var(--other)}
.bar,.shape,.line{stroke:var(--it)}
.filled{fill:var(--it)}
.word{fill:var(--it);font-weight:600}
.second.line{stroke-dasharray:7 4}
.third.line{stroke-dasharray:2 4}
";
