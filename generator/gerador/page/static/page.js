// Browser side of the page: charts, theme, stored token, clipboard. All values come from the server.
(() => {
  const GAP_MS = 5000; // Longer gaps between points are not connected.
  const SPAN_MS = 600000;
  const TOKEN = "gerador-token";
  const THEME = "gerador-theme";
  let charts = [];
  let points = [];
  let language = "en-US";

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const chartOf = (id) => getElement(id)?.chart;

  function setTheme(theme) {
    localStorage.setItem(THEME, theme);
    applyTheme();
  }

  function applyTheme() {
    const theme = localStorage.getItem(THEME) || "auto";
    document.documentElement.dataset.theme = theme;
    const select = document.querySelector("select.theme");
    if (select) select.value = theme;
    draw(true);
  }

  function setLanguage(cookie, selected) {
    document.cookie = `${cookie}=${selected}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  }

  function number(value, unit) {
    const small = unit === "ms" || unit === "s" || value < 100;
    const options = { maximumFractionDigits: small ? 1 : 0 };
    return new Intl.NumberFormat(language, options).format(value);
  }

  function compact(value) {
    const options = { notation: "compact", maximumFractionDigits: value < 1 ? 2 : 1 };
    return new Intl.NumberFormat(language, options).format(value);
  }

  function timeOfDay(at) {
    return new Date(at).toLocaleTimeString(language, { hourCycle: "h23" });
  }

  function line([name, index, style]) {
    const main = style === "main";
    const stroke = color(main ? "--accent" : "--muted");
    const data = [];
    let previous = null;
    for (const point of points) {
      if (previous !== null && point[0] - previous > GAP_MS) data.push([previous + 1, null]);
      data.push([point[0], point[index]]);
      previous = point[0];
    }
    return {
      name, data, type: "line", showSymbol: false, animation: false, silent: true,
      z: main ? 3 : 2,
      lineStyle: { width: main ? 2 : 1.5, color: stroke, type: main ? "solid" : [5, 4] },
      itemStyle: { color: stroke },
      areaStyle: main ? { color: stroke, opacity: 0.1 } : undefined,
    };
  }

  // Whole steps on the axis, also if all values are zero.
  function yRange({ unit, lines }) {
    const flat = points.every((point) => lines.every(([, index]) => !point[index]));
    return flat ? { max: 1, interval: 1 } : { max: null, interval: null, minInterval: unit === "rows" ? 1 : null };
  }

  function emptyNote({ empty, lines }) {
    const hasValues = points.some((point) => lines.some(([, index]) => point[index] !== null));
    return { show: !hasValues, text: empty };
  }

  function options(chart) {
    const { unit, lines } = chart;
    const text = { color: color("--muted"), fontSize: 11, fontFamily: "inherit" };
    const units = { rate: "/s", rows: "", ms: " ms", s: " s" };
    return {
      animation: false,
      grid: { left: 4, right: 10, top: 12, bottom: 2, containLabel: true },
      tooltip: {
        trigger: "axis", confine: true, transitionDuration: 0,
        backgroundColor: color("--card"), borderColor: color("--line"),
        textStyle: { color: color("--text"), fontSize: 12 },
        valueFormatter: (value) => (value == null ? "—" : number(value, unit) + units[unit]),
      },
      title: {
        left: "center", top: "middle", textStyle: { color: color("--muted"), fontSize: 13, fontWeight: 400, fontFamily: "inherit" },
        ...emptyNote(chart),
      },
      xAxis: {
        type: "time", splitNumber: 3, axisLine: { lineStyle: { color: color("--line") } }, axisTick: { show: false },
        axisLabel: { ...text, hideOverlap: true, formatter: timeOfDay },
        ...xRange(),
      },
      yAxis: {
        type: "value", min: 0, splitNumber: 3, ...yRange(chart),
        splitLine: { lineStyle: { color: color("--line") } },
        axisLabel: { ...text, formatter: (value) => compact(value) },
      },
      series: lines.map(line),
    };
  }

  // At least one minute, so that the first seconds are not stretched over the width.
  function xRange() {
    const end = points.length ? points[points.length - 1][0] : Date.now();
    const begin = points.length ? points[0][0] : end;
    return { min: Math.min(begin, end - 60000), max: end };
  }

  function draw(replace) {
    for (const chart of charts) {
      const target = chartOf(chart.id);
      if (!target) continue;
      if (replace || !chart.drawn) target.setOption(options(chart), { notMerge: true });
      else target.setOption({ title: emptyNote(chart), xAxis: xRange(), yAxis: yRange(chart), series: chart.lines.map(line) });
      chart.drawn = true;
    }
  }

  function setCharts([newLanguage, newCharts, newPoints]) {
    [language, charts, points] = [newLanguage, newCharts, newPoints];
    draw(true);
  }

  function addPoint(point) {
    points.push(point);
    while (points[0][0] < point[0] - SPAN_MS) points.shift();
    if (!document.hidden) draw(false);
  }

  async function copy(button, done) {
    const code = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      const text = button.textContent;
      button.textContent = done;
      setTimeout(() => { button.textContent = text; }, 1500);
    } catch {
      // Browsers may refuse without HTTPS; then the text is selected for Ctrl-C.
      getSelection().selectAllChildren(code);
    }
  }

  window.gerador = {
    setCharts, addPoint, setTheme, setLanguage, copy,
    storedToken: () => sessionStorage.getItem(TOKEN),
    storeToken: (token) => sessionStorage.setItem(TOKEN, token),
    clearToken: () => sessionStorage.removeItem(TOKEN),
  };
  document.documentElement.dataset.theme = localStorage.getItem(THEME) || "auto";
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(true));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(false); });
  document.addEventListener("DOMContentLoaded", () => {
    const waiting = setInterval(() => {
      if (document.querySelector("select.theme")) { clearInterval(waiting); applyTheme(); }
    }, 20);
  });
})();
