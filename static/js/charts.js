// Charts: every <canvas data-chart="url"> is drawn from the JSON of that address, by Chart.js 4.
//
//   <div class="chart"><canvas data-chart="/w/…/charts/by-stage/" data-axis="y" role="img" aria-label="…"></canvas></div>
//
// On the canvas:
//   data-chart    the address of the JSON; of several charts in one, with #name: {"charts": {name: as below}}
//   data-type     bar (default) or line
//   data-axis     x: values go up (default); y: bars lie, one below the other
//   data-stacked  series are put on top of each other; ="100": and make up 100 %
//
// The JSON, as django-chartjs' line views give it:
//   labels        one for each place on the axis
//   datasets      [{label, data: [number], color, texts, urls, lighter}]
//     color       a name of the palette (--c-blue …), or one for each place; the next of the palette if none is given
//     texts       what the tooltip says of each place: the words of the table beside the chart
//     urls        where a click on each place leads: the address behind the table's cell
//     lighter     the places that are drawn lighter: the current period, which is not over yet
//     pattern     the places that are hatched: an estimate
//   currency      ISO code for the axis, none for plain numbers     language   for the axis' numbers
//   unit          what is put behind the axis' numbers, such as " %"
//
// Without scripts, or when the data cannot be fetched, the table beside the chart says the same.
"use strict";

(() => {
  const PALETTE = ["blue", "orange", "teal", "pink", "yellow", "purple", "green", "red", "cyan", "gray"];
  const LIGHTER = 0.45;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const paper = matchMedia("print");
  const contrast = matchMedia("(forced-colors: active)");
  const drawn = new Map(); // canvas: {chart, json}
  const hidden = new WeakMap(); // canvas: labels of the series that its reader has hidden

  // Colors are asked of the style sheet, so that dark mode and print have theirs. With forced colors there are two.
  const css = (name) => {
    if (contrast.matches) return socius.color(name === "surface" ? "Canvas" : "CanvasText");
    return socius.color(`var(--${name})`);
  };
  const faint = (color, share) => color.replace(/^rgba?\(([^)]+)\)$/, (all, parts) => {
    const [red, green, blue] = parts.split(/[\s,/]+/);
    return `rgb(${red} ${green} ${blue} / ${share})`;
  });

  // Series of one color are told apart by what is drawn on it: [lines of a tile of 8 × 8, as x1 y1 x2 y2].
  const TEXTURES = [
    [],
    [[0, 4, 8, 4]],
    [[4, 0, 4, 8]],
    [[-2, 2, 2, -2], [0, 8, 8, 0], [6, 10, 10, 6]],
    [[-2, 6, 2, 10], [0, 0, 8, 8], [6, -2, 10, 2]],
    [[0, 4, 8, 4], [4, 0, 4, 8]],
    [[0, 8, 8, 0], [0, 0, 8, 8]],
    [[3, 4, 5, 4], [4, 3, 4, 5]],
    [[0, 2, 8, 2], [0, 6, 8, 6]],
    [[2, 0, 2, 8], [6, 0, 6, 8]],
    [[1, 2, 4, 2], [5, 6, 8, 6]],
  ];
  const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [12, 4], [4, 4], [10, 2, 2, 2, 2, 2]];
  const POINTS = ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross", "rectRounded", "dash", "line"];

  // A fill: `color` with the lines of a texture on it. Hatched ones are estimates.
  function textured(ground, color, texture, isHatched = false) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.fillStyle = ground;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = color;
    pen.lineWidth = 1.5;
    for (const [x1, y1, x2, y2] of [...TEXTURES[texture % TEXTURES.length], ...(isHatched ? TEXTURES[3] : [])]) {
      pen.moveTo(x1, y1);
      pen.lineTo(x2, y2);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  const colorName = (set, place) => (Array.isArray(set.color) ? set.color[0] : set.color) || PALETTE[place % PALETTE.length];

  // How a series is drawn: {fills, line, texture}. `texture` counts the series before it that have its color.
  function painted(json, place) {
    const set = json.datasets[place];
    const isForced = contrast.matches;
    const texture = isForced ? place : json.datasets.slice(0, place).filter((other, at) => colorName(other, at) === colorName(set, place)).length;
    const base = (index) => css(`c-${(Array.isArray(set.color) ? set.color[index] : set.color) || PALETTE[place % PALETTE.length]}`);
    const ink = css("surface"), line = base(0);
    const fills = json.labels.map((_, index) => {
      const color = base(index), isHatched = set.pattern?.includes(index), isLighter = set.lighter?.includes(index);
      if (isForced) {
        const shade = faint(color, isLighter ? LIGHTER : isHatched ? (1 + LIGHTER) / 2 : 1);
        return texture ? textured(ink, shade, texture) : shade;
      }
      if (isHatched) return textured(faint(color, 0.25), color, texture, true);
      const ground = isLighter ? faint(color, LIGHTER) : color;
      return texture ? textured(ground, ink, texture) : ground;
    });
    return { fills, line, texture };
  }

  function numbers(json) {
    const short = { notation: "compact", maximumFractionDigits: 1 };
    const money = json.currency ? { style: "currency", currency: json.currency, minimumFractionDigits: 0 } : {};
    const format = new Intl.NumberFormat(json.language || undefined, { ...short, ...money });
    return (value) => format.format(value) + (json.unit || "");
  }

  function configured(canvas, json) {
    const { type = "bar", axis = "x", stacked } = canvas.dataset;
    const isStacked = stacked !== undefined;
    const across = axis === "y" ? "y" : "x"; // the axis of the labels
    const along = axis === "y" ? "x" : "y"; // the axis of the values
    const several = json.datasets.length > 1;
    const text = css("text");
    const quiet = css("secondary");
    const line = css("line");
    const font = { family: getComputedStyle(document.body).fontFamily, size: 12 };
    const sets = json.datasets.map((set, place) => {
      const { fills, line: stroke, texture } = painted(json, place);
      const isLine = type === "line";
      return {
        label: set.label,
        data: set.data,
        hidden: hidden.get(canvas)?.has(set.label),
        texts: set.texts,
        urls: set.urls,
        backgroundColor: isLine ? faint(stroke, 0.15) : fills,
        hoverBackgroundColor: isLine ? undefined : fills,
        borderColor: isLine || contrast.matches ? stroke : isStacked ? css("surface") : undefined,
        borderWidth: isLine ? 2 : isStacked || contrast.matches ? 1 : 0,
        borderDash: isLine ? DASHES[texture % DASHES.length] : undefined,
        pointStyle: POINTS[texture % POINTS.length],
        fill: isLine && isStacked,
        pointRadius: isLine ? (texture ? 4 : 2.5) : 0,
        pointHitRadius: 12,
        pointBackgroundColor: stroke,
        tension: 0,
        borderRadius: isStacked ? 0 : 3,
        maxBarThickness: axis === "y" ? 22 : 40,
        minBarLength: isStacked ? 0 : 2,
        categoryPercentage: 0.72,
        barPercentage: several && !isStacked ? 0.95 : 1,
      };
    });
    rescale(canvas, sets, json);
    const format = stacked === "100" ? (value) => `${value} %` : numbers(json);
    return {
      type,
      data: { labels: json.labels, datasets: sets },
      options: {
        indexAxis: across,
        responsive: true,
        maintainAspectRatio: false,
        animation: still.matches || paper.matches ? false : { duration: 150 },
        locale: json.language,
        font,
        interaction: { mode: type === "line" ? "index" : "nearest", intersect: type !== "line", axis: across },
        scales: {
          [across]: {
            stacked: isStacked,
            grid: { display: false },
            border: { color: line },
            ticks: { color: quiet, font, autoSkip: axis !== "y", maxRotation: 0, callback: shortened(axis) },
          },
          [along]: {
            stacked: isStacked,
            beginAtZero: true,
            max: stacked === "100" ? 100 : undefined,
            grid: { color: line },
            border: { display: false },
            ticks: { color: quiet, font, maxTicksLimit: 6, maxRotation: 0, precision: 0, callback: (value) => format(value) },
          },
        },
        plugins: {
          legend: {
            display: several,
            position: "bottom",
            align: "start",
            onClick: (event, { datasetIndex }, { chart }) => toggle(canvas, chart, datasetIndex),
            labels: { color: text, font, boxWidth: 10, boxHeight: 10, usePointStyle: type === "line" },
          },
          tooltip: {
            backgroundColor: css("surface"),
            titleColor: text,
            bodyColor: text,
            borderColor: css("edge"),
            borderWidth: 1,
            cornerRadius: 4,
            padding: 8,
            titleFont: font,
            bodyFont: font,
            boxWidth: 8,
            boxHeight: 8,
            boxPadding: 4,
            displayColors: several,
            callbacks: {
              title: ([item]) => item && json.labels[item.dataIndex],
              label: ({ dataset, dataIndex, raw }) => {
                const said = dataset.texts?.[dataIndex] ?? format(raw);
                return several ? `${dataset.label}: ${said}` : said;
              },
            },
          },
        },
        onHover: (event, hit) => {
          const found = hit[0] && sets[hit[0].datasetIndex].urls?.[hit[0].index];
          canvas.classList.toggle("leads", Boolean(found));
        },
        onClick: (event, hit) => {
          const url = hit[0] && sets[hit[0].datasetIndex].urls?.[hit[0].index];
          if (!url) return;
          if (event.native.ctrlKey || event.native.metaKey) open(url);
          else location.assign(url);
        },
      },
    };
  }

  // Of a chart of shares: what is shown makes up 100 %.
  function rescale(canvas, sets, json) {
    if (canvas.dataset.stacked !== "100") return;
    const isShown = (set) => !hidden.get(canvas)?.has(set.label);
    const sums = json.labels.map((_, index) => json.datasets.filter(isShown).reduce((sum, set) => sum + Math.abs(set.data[index] || 0), 0));
    sets.forEach((set, place) => {
      set.data = json.datasets[place].data.map((value, index) => (100 * value) / (sums[index] || 1));
    });
  }

  // Hide or show a series, and remember it for when the chart is drawn anew.
  function toggle(canvas, chart, place) {
    const { label } = chart.data.datasets[place], labels = hidden.get(canvas) ?? new Set();
    if (!labels.delete(label)) labels.add(label);
    hidden.set(canvas, labels);
    chart.setDatasetVisibility(place, !labels.has(label));
    rescale(canvas, chart.data.datasets, drawn.get(canvas).json);
    chart.update();
    mark(canvas);
  }

  // The legend is drawn, and for the mouse only: buttons below the chart do the same, and show while they have focus.
  const buttons = new WeakMap(); // canvas: its element of buttons
  function offer(canvas, sets) {
    buttons.get(canvas)?.remove();
    if (sets.length < 2) return;
    const group = document.createElement("div");
    group.className = "chart-series";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", `Chart series: ${canvas.getAttribute("aria-label") ?? ""}`);
    sets.forEach(({ label }, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm";
      button.textContent = label;
      button.addEventListener("click", () => toggle(canvas, drawn.get(canvas).chart, place));
      group.append(button);
    });
    (canvas.closest(".chart") ?? canvas).after(group);
    buttons.set(canvas, group);
    mark(canvas);
  }
  function mark(canvas) {
    for (const button of buttons.get(canvas)?.children ?? []) {
      button.setAttribute("aria-pressed", String(!hidden.get(canvas)?.has(button.textContent)));
    }
  }

  // Lying bars have names for labels: long ones are cut, the tooltip has them whole.
  function shortened(axis) {
    return function label(value) {
      const whole = String(this.getLabelForValue(value));
      return axis === "y" && whole.length > 24 ? `${whole.slice(0, 23)}…` : whole;
    };
  }

  function draw(canvas, json) {
    const isFirst = !drawn.has(canvas);
    drawn.get(canvas)?.chart.destroy();
    drawn.set(canvas, { json, chart: new Chart(canvas, configured(canvas, json)) });
    canvas.closest(".chart")?.classList.remove("is-waiting");
    if (isFirst) offer(canvas, json.datasets);
  }

  // Several charts of one address are fetched once.
  const fetched = new Map();
  function json(address) {
    if (!fetched.has(address)) {
      fetched.set(address, fetch(address, { headers: { Accept: "application/json" } }).then((answer) => {
        if (!answer.ok) throw new Error(answer.status);
        return answer.json();
      }).finally(() => fetched.delete(address)));
    }
    return fetched.get(address);
  }

  async function load(canvas) {
    try {
      const [address, name] = canvas.dataset.chart.split("#");
      const answer = await json(address);
      draw(canvas, name ? answer.charts[name] : answer);
    } catch {
      const place = canvas.closest(".chart");
      if (!place) return;
      const sorry = document.createElement("p");
      sorry.className = "none";
      sorry.textContent = "Couldn’t draw the chart. The table shows the same figures.";
      place.replaceChildren(sorry);
    }
  }

  const redraw = () => {
    for (const [canvas, { json }] of [...drawn]) {
      if (canvas.isConnected) draw(canvas, json);
      else drawn.delete(canvas);
    }
  };
  const start = (root) => {
    for (const canvas of root.querySelectorAll("canvas[data-chart]")) if (!drawn.has(canvas)) load(canvas);
  };

  document.addEventListener("socius:theme", redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  document.addEventListener("htmx:afterSettle", (event) => start(event.detail.elt));
  paper.addEventListener("change", redraw);
  contrast.addEventListener("change", redraw);
  start(document);
})();
