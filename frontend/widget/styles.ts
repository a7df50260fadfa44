/**
 * The looks, in constructed style sheets: a page with a strict content-security policy forbids every other way.
 *
 * The host element alone stands among the page's own, whose styles for "*" hit it: there only "!important" wins, even over theirs.
 */

import { h } from "./dom"

const SHEET = `
:host{all:initial!important;position:fixed!important;z-index:2147483647!important}
:host([hidden]){display:none!important}
.frame{all:initial;color-scheme:light dark;--bg:#fff;--soft:#f3f4f6;--line:#dfe2e6;--ink:#16191d;--dim:#59616c;--red:#b42318;--shade:0 8px 32px rgb(15 20 30/.18),0 1px 3px rgb(15 20 30/.12);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink)}
@media(prefers-color-scheme:dark){.frame{--bg:#16191d;--soft:#242a31;--line:#39414b;--ink:#eceff2;--dim:#a6afba;--red:#ff9087;--shade:0 8px 32px rgb(0 0 0/.55),0 0 0 1px #39414b}}
*,::before,::after{box-sizing:border-box}
[hidden]{display:none!important}
button,input,textarea{font:inherit;color:inherit;margin:0}
button{cursor:pointer;background:none;border:0;padding:0;text-align:inherit}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
svg{width:20px;height:20px;display:block;flex:none}
a{color:inherit}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}

.launcher{position:fixed;bottom:20px;right:20px;width:56px;height:56px;border-radius:28px;background:var(--accent);color:var(--on);display:grid;place-items:center;box-shadow:var(--shade)}
.left .launcher{right:auto;left:20px}
.launcher svg{width:26px;height:26px}
.launcher:focus-visible{outline-offset:3px}
.launcher:hover{filter:brightness(1.08)}
.badge{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#b42318;color:#fff;font-size:12px;font-weight:600;line-height:22px;text-align:center;font-variant-numeric:tabular-nums;box-shadow:0 0 0 2px var(--bg)}

.panel{position:fixed;bottom:88px;right:20px;width:min(384px,calc(100vw - 40px));height:min(640px,calc(100vh - 108px));height:min(640px,calc(100dvh - 108px));display:flex;flex-direction:column;background:var(--bg);color:var(--ink);border-radius:12px;box-shadow:var(--shade);overflow:hidden;animation:rise .16s ease-out}
.left .panel{right:auto;left:20px}
@keyframes rise{from{opacity:0;transform:translateY(8px)}}
.head{display:flex;align-items:center;gap:4px;padding:12px 8px 12px 16px;background:var(--accent);color:var(--on)}
[dir=rtl] .head{padding:12px 16px 12px 8px}
.head div{flex:1;min-width:0}
h2{margin:0;font-size:16px;font-weight:600;line-height:1.3;overflow-wrap:anywhere}
.head p{margin:0;font-size:12px;opacity:.92;overflow-wrap:anywhere}
.head :focus-visible{outline-color:var(--on);outline-offset:-2px}
.tool{width:36px;height:36px;border-radius:8px;display:grid;place-items:center;flex:none}
.tool:hover{background:color-mix(in srgb,currentColor 12%,transparent)}
.note{padding:6px 16px;font-size:12px;background:var(--soft);color:var(--dim);border-bottom:1px solid var(--line)}

.body{position:relative;flex:1;min-height:0;display:flex;flex-direction:column}
.log{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:4px}
.log:focus-visible{outline-offset:-2px}
.log>*{flex:none}
.log>:first-child{margin-top:auto}
.day{align-self:center;margin:14px 0 8px;font-size:12px;color:var(--dim)}
.earlier{align-self:center;font-size:12px;color:var(--dim);text-decoration:underline;padding:6px}
.item{display:flex;flex-direction:column;align-items:flex-start;max-width:86%;align-self:flex-start}
.item.mine{align-items:flex-end;align-self:flex-end}
.item.first{margin-top:10px}
.item.wide{max-width:100%;width:100%}
.who{font-size:12px;color:var(--dim);margin:0 0 3px 2px}
.bubble{padding:8px 12px;border-radius:14px;background:var(--soft);white-space:pre-wrap;overflow-wrap:anywhere;min-width:0;max-width:100%}
.mine .bubble{background:var(--accent);color:var(--on)}
.mine :focus-visible{outline-color:var(--ink)}
.mine .bubble :focus-visible{outline-color:var(--on)}
.bubble.big{font-size:34px;line-height:1.2;background:none;padding:0}
.waits{opacity:.72}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.meta{display:flex;flex-wrap:wrap;gap:8px;font-size:12px;color:var(--dim);margin:3px 2px 0}
.meta.bad{color:var(--red)}
.meta button{text-decoration:underline}
.media{display:block;max-width:100%;border-radius:12px;overflow:hidden;background:var(--soft)}
.media img,.media video{display:block;max-width:100%;max-height:280px;object-fit:contain}
audio{max-width:100%;width:280px}
.file{display:flex;align-items:center;gap:10px;padding:10px 12px;border:1px solid var(--line);border-radius:12px;background:var(--bg);color:var(--ink);text-decoration:none;max-width:100%}
.file span{min-width:0;overflow-wrap:anywhere}
small{display:block;font-size:12px;color:var(--dim)}
.bubble+.media,.media+.bubble,.file+.bubble{margin-top:4px}
.choices{display:flex;flex-wrap:wrap;gap:6px;margin-top:6px;max-width:100%}
.choice{display:block;padding:7px 12px;border:1px solid var(--line);border-radius:8px;background:var(--bg);color:var(--ink);text-decoration:none;overflow-wrap:anywhere;text-align:center;max-width:100%;font-weight:500}
.choice:hover{background:var(--soft)}
.round .choice{border-radius:18px}
.choice small{font-weight:400}
details{width:100%;margin-top:6px}
summary{list-style:none;cursor:pointer}
summary::-webkit-details-marker{display:none}
.rows{display:flex;flex-direction:column;gap:6px;margin-top:6px}
.rows .choice{text-align:start}
.rows h3{margin:6px 2px 0;font-size:12px;font-weight:600;color:var(--dim)}
.card{border:1px solid var(--line);border-radius:12px;overflow:hidden;background:var(--bg);width:240px;max-width:100%;display:flex;flex-direction:column}
.card img{display:block;width:100%;height:130px;object-fit:cover;background:var(--soft)}
.card div{padding:10px 12px;flex:1;overflow-wrap:anywhere}
.card b{font-weight:600}
.card .choice{border-width:1px 0 0;border-radius:0}
.reel{display:flex;gap:8px;overflow-x:auto;scroll-snap-type:x proximity;width:100%;padding:2px 2px 8px}
.reel .card{flex:none;scroll-snap-align:start;width:220px}
.dots{display:flex;align-items:center;gap:4px;height:34px;align-self:flex-start;margin-top:10px;padding:0 14px;border-radius:14px;background:var(--soft)}
.dots i{width:6px;height:6px;border-radius:3px;background:var(--dim);animation:nod 1.2s infinite}
.dots i:nth-child(2){animation-delay:.15s}.dots i:nth-child(3){animation-delay:.3s}
@keyframes nod{0%,60%,100%{opacity:.35}30%{opacity:1}}
.newer{position:absolute;bottom:8px;left:50%;transform:translateX(-50%);padding:6px 14px;border-radius:16px;background:var(--ink);color:var(--bg);font-size:13px;box-shadow:var(--shade)}
.drop{position:absolute;inset:8px;display:grid;place-items:center;border:2px dashed var(--dim);border-radius:12px;background:var(--bg);font-weight:500;pointer-events:none}

.write{padding:0 8px 8px}
.line{display:flex;align-items:flex-end;gap:2px;padding:2px;border:1px solid var(--line);border-radius:10px}
.line:focus-within{border-color:var(--ink)}
.line:has(textarea:focus-visible){box-shadow:0 0 0 1px var(--ink)}
textarea{flex:1;min-width:0;resize:none;border:0;background:none;padding:8px;max-height:132px;line-height:20px}
.line textarea:focus-visible{outline:0}
::placeholder{color:var(--dim);opacity:1}
.send{background:var(--accent);color:var(--on)}
.send:hover{background:var(--accent);filter:brightness(1.08)}
.send:disabled{background:var(--soft);color:var(--dim);filter:none;cursor:default}
[dir=rtl] .send svg{transform:scaleX(-1)}
.up{display:flex;align-items:center;gap:8px;padding:4px 8px;font-size:12px;color:var(--dim)}
.up span{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.up.bad{color:var(--red)}.up.bad span{white-space:normal}
.up button{text-decoration:underline}
progress{width:90px;height:6px;accent-color:var(--ink)}
.emoji{display:grid;grid-template-columns:repeat(8,1fr);padding:4px 0;border-top:1px solid var(--line)}
.emoji button{height:38px;font-size:20px;text-align:center;border-radius:8px}
.emoji button:hover{background:var(--soft)}
.by{padding:0 0 8px;text-align:center;font-size:11px;color:var(--dim)}

.ask{flex:1;overflow-y:auto;padding:20px 16px;display:flex;flex-direction:column;gap:14px}
.ask h3{margin:0;font-size:14px;font-weight:600}
.ask p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
.ask label{display:block;font-weight:500;margin-bottom:4px}
.ask label small{display:inline;font-weight:400}
.ask input{width:100%;height:40px;padding:0 10px;border:1px solid var(--dim);border-radius:6px;background:var(--bg)}
.ask input[aria-invalid=true]{border-color:var(--red)}
.ask .error{color:var(--red);font-size:12px;margin-top:4px}
.go{height:40px;border-radius:8px;background:var(--accent);color:var(--on);font-weight:600;text-align:center}

.phone .panel{inset:0;top:var(--top,0);width:auto;height:var(--tall,100dvh);bottom:auto;border-radius:0;animation:none}
.phone.open .launcher{display:none}
.phone textarea,.phone .ask input{font-size:16px}
.phone .head{padding-top:calc(12px + env(safe-area-inset-top))}
.phone .write,.phone .by{padding-bottom:calc(8px + env(safe-area-inset-bottom))}
.phone .write+.by{padding-top:0}
@media(prefers-reduced-motion:reduce){*{animation:none!important;scroll-behavior:auto!important}}
@media(forced-colors:active){.line textarea:focus-visible{outline:2px solid}.launcher,.send,.go,.panel,.bubble{border:1px solid}}
@media print{:host{display:none!important}}
`

/** Dress the widget in the channel's colour, with black or white on it, whichever reads better. */
export function dress(root: ShadowRoot, colour: string): void {
  const accent = /^#[0-9a-f]{6}$/i.test(colour) ? colour : "#0f766e"
  const text = `${SHEET}.frame{--accent:${accent};--on:${luminance(accent) > 0.179 ? "#000" : "#fff"}}`
  if ("replaceSync" in CSSStyleSheet.prototype) {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(text)
    root.adoptedStyleSheets = [sheet]
  } else root.append(h("style", {}, text)) // Safari before 16.4; works on pages without a strict policy.
}

/** Relative luminance of #rrggbb from 0 to 1; above 0.179 black has the higher contrast. Source: WCAG 2.2, "relative luminance". */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const share = parseInt(colour.slice(start, start + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
