// The part of the page that only a browser can do: draw, remember, copy. No numbers are made here.
(() => {
  const GAP_MS = 5000; // Two points further apart than this have no line between them.
  const SPAN_MS = 600000;
  const TOKEN = "gerador-token";
  const THEME = "gerador-theme";
  let charts = [];
  let points = [];
  let language = "en-US";

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawing = (id) => getElement(id)?.chart;

  function paint(theme) {
    localStorage.setItem(THEME, theme);
    dress();
  }

  function dress() {
    const theme = localStorage.getItem(THEME) || "auto";
    document.documentElement.dataset.theme = theme;
    const select = document.querySelector("select.theme");
    if (select) select.value = theme;
    draw(true);
  }

  function speak(cookie, chosen) {
    document.cookie = `${cookie}=${chosen}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  }

  function number(value, unit) {
    const small = unit === "ms" || unit === "s" || value < 100;
    const options = { maximumFractionDigits: small ? 1 : 0 };
    return new Intl.NumberFormat(language, options).format(value);
  }

  function short(value) {
    const options = { notation: "compact", maximumFractionDigits: value < 1 ? 2 : 1 };
    return new Intl.NumberFormat(language, options).format(value);
  }

  function clock(at) {
    return new Date(at).toLocaleTimeString(language, { hourCycle: "h23" });
  }

  function line([name, index, style]) {
    const main = style === "main";
    const stroke = colour(main ? "--accent" : "--quiet");
    const data = [];
    let before = null;
    for (const point of points) {
      if (before !== null && point[0] - before > GAP_MS) data.push([before + 1, null]);
      data.push([point[0], point[index]]);
      before = point[0];
    }
    return {
      name, data, type: "line", showSymbol: false, animation: false, silent: true,
      z: main ? 3 : 2,
      lineStyle: { width: main ? 2 : 1.5, color: stroke, type: main ? "solid" : [5, 4] },
      itemStyle: { color: stroke },
      areaStyle: main ? { color: stroke, opacity: 0.1 } : undefined,
    };
  }

  // Whole steps also where all is zero, which is how most of these lines look on a good day.
  function height({ unit, lines }) {
    const flat = points.every((point) => lines.every(([, index]) => !point[index]));
    return flat ? { max: 1, interval: 1 } : { max: null, interval: null, minInterval: unit === "rows" ? 1 : null };
  }

  function remark({ empty, lines }) {
    const drawn = points.some((point) => lines.some(([, index]) => point[index] !== null));
    return { show: !drawn, text: empty };
  }

  function look(chart) {
    const { unit, lines } = chart;
    const text = { color: colour("--quiet"), fontSize: 11, fontFamily: "inherit" };
    const units = { rate: "/s", rows: "", ms: " ms", s: " s" };
    return {
      animation: false,
      grid: { left: 4, right: 10, top: 12, bottom: 2, containLabel: true },
      tooltip: {
        trigger: "axis", confine: true, transitionDuration: 0,
        backgroundColor: colour("--card"), borderColor: colour("--line"),
        textStyle: { color: colour("--ink"), fontSize: 12 },
        valueFormatter: (value) => (value == null ? "—" : number(value, unit) + units[unit]),
      },
      title: {
        left: "center", top: "middle", textStyle: { color: colour("--quiet"), fontSize: 13, fontWeight: 400, fontFamily: "inherit" },
        ...remark(chart),
      },
      xAxis: {
        type: "time", splitNumber: 3, axisLine: { lineStyle: { color: colour("--line") } }, axisTick: { show: false },
        axisLabel: { ...text, hideOverlap: true, formatter: clock },
        ...span(),
      },
      yAxis: {
        type: "value", min: 0, splitNumber: 3, ...height(chart),
        splitLine: { lineStyle: { color: colour("--line") } },
        axisLabel: { ...text, formatter: (value) => short(value) },
      },
      series: lines.map(line),
    };
  }

  // Ten minutes at most, one at least, so that the first seconds are not stretched over the width.
  function span() {
    const end = points.length ? points[points.length - 1][0] : Date.now();
    const begin = points.length ? points[0][0] : end;
    return { min: Math.min(begin, end - 60000), max: end };
  }

  function draw(anew) {
    for (const chart of charts) {
      const target = drawing(chart.id);
      if (!target) continue;
      if (anew || !chart.drawn) target.setOption(look(chart), { notMerge: true });
      else target.setOption({ title: remark(chart), xAxis: span(), yAxis: height(chart), series: chart.lines.map(line) });
      chart.drawn = true;
    }
  }

  function begin([spoken, wanted, known]) {
    [language, charts, points] = [spoken, wanted, known];
    draw(true);
  }

  function add(point) {
    points.push(point);
    while (points[0][0] < point[0] - SPAN_MS) points.shift();
    if (!document.hidden) draw(false);
  }

  async function copy(pressed, done) {
    const code = pressed.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      const before = pressed.textContent;
      pressed.textContent = done;
      setTimeout(() => { pressed.textContent = before; }, 1500);
    } catch {
      // Without HTTPS a browser may refuse; the text is selected then, for Ctrl-C.
      getSelection().selectAllChildren(code);
    }
  }

  window.gerador = {
    begin, add, paint, speak, copy,
    kept: () => sessionStorage.getItem(TOKEN),
    remember: (token) => sessionStorage.setItem(TOKEN, token),
    forget: () => sessionStorage.removeItem(TOKEN),
  };
  document.documentElement.dataset.theme = localStorage.getItem(THEME) || "auto";
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(true));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(false); });
  document.addEventListener("DOMContentLoaded", () => {
    const waiting = setInterval(() => {
      if (document.querySelector("select.theme")) { clearInterval(waiting); dress(); }
    }, 20);
  });
})();
