"use strict";
(() => {
  const INK = "#1b2733", GREY = "#8a96a3", BLUE = "#2166ac", RED = "#b2182b", NO_DATA = "#dee0e6";
  const RING_POINTS = 48, RING_SIZE = 1.6, FILL = 1.9, NEAR_MM = 1e-3, LABEL_MM = 6, CLICK_PX = 4, SNAP_MM = 0.5;
  const FONT = { family: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif", size: 12, color: INK };
  const probe = document.createElement("canvas");
  if (!probe.getContext("webgl2") && !probe.getContext("webgl")) return;

  const data = JSON.parse(document.getElementById("case").textContent);
  const unpack = (text, Kind) => new Kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const surface = {};
  for (const name of ["x", "y", "z", "abscissa_mm"]) surface[name] = unpack(data.surface[name], Float32Array);
  for (const name of ["i", "j", "k"]) surface[name] = unpack(data.surface[name], Uint32Array);
  surface.branch = unpack(data.surface.branch, Uint16Array);
  for (const quantity of data.quantities)
    if (quantity.values) quantity.values = unpack(quantity.values, Float32Array);
  const ratioName = data.quantities[0].short;

  const plain = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
  const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : "–");
  const stateName = (state) => (state === "resting" ? "Pd/Pa (resting)" : "FFR");

  /* Values along the centerline */
  function interpolate(branch, values, at) {
    const along = data.branches[branch].abscissa_mm;
    let low = 0, high = along.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (along[middle] > at) high = middle; else low = middle;
    }
    const share = (at - along[low]) / (along[high] - along[low] || 1);
    const part = Math.min(Math.max(share, 0), 1);
    return values[low] === null || values[high] === null ? NaN : values[low] + part * (values[high] - values[low]);
  }
  const lesionAt = (branch, at) =>
    data.lesions.find((one) => one.branch === branch && one.start_mm <= at && at <= one.end_mm);
  const readingAt = (branch, at) =>
    data.readings.find((one) => one.branch === branch && Math.abs(one.abscissa_mm - at) < NEAR_MM);
  const readingName = (one) =>
    ({ lesion: `behind ${one.name}`, tip: `tip of ${one.name}`, vessel: `vessel ${one.name}` })[one.kind];
  function branchAt(path, at) {
    let found = path[0];
    for (const branch of path) if (data.branches[branch].abscissa_mm[0] <= at) found = branch;
    return found;
  }

  /* The tree */
  let shown = data.quantities[0];
  function colors(quantity) {
    const last = quantity.colors.length - 1;
    const scale = last / (quantity.high - quantity.low);
    return Array.from(quantity.values, (value) =>
      Number.isNaN(value) ? NO_DATA
        : quantity.colors[Math.round(Math.min(Math.max((value - quantity.low) * scale, 0), last))]);
  }
  function valueText(quantity, value) {
    if (Number.isNaN(value)) return `${quantity.short}: outside of lesions`;
    return `${quantity.short} ${value.toFixed(quantity.digits)}${quantity.unit && " " + quantity.unit}`;
  }
  const hoverTexts = (quantity) => Array.from(quantity.values, (value, n) =>
    `<b>${valueText(quantity, value)}</b><br>${plain(data.branches[surface.branch[n]].name)}, ` +
    `${surface.abscissa_mm[n].toFixed(1)} mm from the ostium`);

  function tips() {
    const ends = data.vessels.map((vessel) => data.branches[vessel.path[vessel.path.length - 1]]);
    const beyond = (end, axis) => {
      const values = end[axis], n = values.length, back = Math.max(0, n - 5);
      const step = ["x_mm", "y_mm", "z_mm"].map((a) => end[a][n - 1] - end[a][back]);
      return values[n - 1] + LABEL_MM * (values[n - 1] - values[back]) / (Math.hypot(...step) || 1);
    };
    return { x: ends.map((end) => beyond(end, "x_mm")), y: ends.map((end) => beyond(end, "y_mm")),
      z: ends.map((end) => beyond(end, "z_mm")), text: ends.map((end) => plain(end.name)) };
  }

  /* A ring around the vessel at a place, in its section plane */
  function ring(branch, at) {
    const own = data.branches[branch], axes = [own.x_mm, own.y_mm, own.z_mm];
    const center = axes.map((axis) => interpolate(branch, axis, at));
    const ahead = axes.map((axis) => interpolate(branch, axis, at + 0.5) - interpolate(branch, axis, at - 0.5));
    const size = Math.hypot(...ahead) || 1, t = ahead.map((a) => a / size);
    const least = t.map(Math.abs).indexOf(Math.min(...t.map(Math.abs)));
    const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    const unit = (a) => a.map((value) => value / Math.hypot(...a));
    const u = unit(cross(t, [0, 1, 2].map((axis) => (axis === least ? 1 : 0)))), v = cross(t, u);
    const radius = RING_SIZE * interpolate(branch, own.radius_mm, at);
    const points = Array.from({ length: RING_POINTS + 1 }, (_, n) => {
      const angle = (2 * Math.PI * n) / RING_POINTS;
      return center.map((c, a) => c + radius * (Math.cos(angle) * u[a] + Math.sin(angle) * v[a]));
    });
    return { x: [points.map((p) => p[0])], y: [points.map((p) => p[1])], z: [points.map((p) => p[2])] };
  }

  const tree = document.getElementById("tree"), pullback = document.getElementById("pullback");
  const hidden = { visible: false };
  function aspect() {
    const spans = ["x", "y", "z"].map((axis) => surface[axis].reduce((m, v) => Math.max(m, v), -Infinity) -
      surface[axis].reduce((m, v) => Math.min(m, v), Infinity));
    const scale = (FILL * Math.min(1, tree.clientWidth / tree.clientHeight)) / Math.max(...spans);
    return { x: spans[0] * scale, y: spans[1] * scale, z: spans[2] * scale };
  }
  function drawTree() {
    const mesh = { type: "mesh3d", ...surface, vertexcolor: colors(shown), text: hoverTexts(shown), hoverinfo: "text",
      lighting: { ambient: 1.0, diffuse: 0.28, specular: 0.02, roughness: 0.7, fresnel: 0.02 },
      lightposition: { x: 2e4, y: -3e4, z: 4e4 } };
    const mark = { type: "scatter3d", mode: "lines", x: [], y: [], z: [], hoverinfo: "skip", line: { color: "#000", width: 7 } };
    const names = { type: "scatter3d", mode: "text", ...tips(), hoverinfo: "skip", textfont: { ...FONT, size: 13 } };
    const eye = data.camera.eye, up = data.camera.up;
    const layout = { margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, font: FONT, uirevision: "stay",
      hoverlabel: { bgcolor: "#fff", bordercolor: INK, font: FONT },
      scene: { xaxis: hidden, yaxis: hidden, zaxis: hidden, aspectmode: "manual", aspectratio: aspect(), dragmode: "orbit",
        camera: { projection: { type: "orthographic" }, eye: { x: 1.6 * eye[0], y: 1.6 * eye[1], z: 1.6 * eye[2] },
          up: { x: up[0], y: up[1], z: up[2] } } } };
    return Plotly.newPlot(tree, [mesh, mark, names], layout,
      { displaylogo: false, responsive: true, modeBarButtons: [["toImage", "zoom3d", "pan3d", "orbitRotation", "resetCameraDefault3d"]] });
  }

  function choose(key) {
    shown = data.quantities.find((one) => one.key === key);
    for (const button of document.querySelectorAll("[data-quantity]"))
      button.setAttribute("aria-pressed", String(button.dataset.quantity === key));
    for (const bar of document.querySelectorAll("[data-bar]")) bar.hidden = bar.dataset.bar !== key;
    return Plotly.restyle(tree, { vertexcolor: [colors(shown)], text: [hoverTexts(shown)] }, [0]);
  }

  /* The pullback of one vessel */
  let vessel = 0;
  function band(y0, y1, color) {
    return { type: "rect", xref: "paper", x0: 0, x1: 1, yref: "y", y0, y1, fillcolor: color, line: { width: 0 }, layer: "below" };
  }
  const upright = (x, line) => ({ type: "line", x0: x, x1: x, yref: "paper", y0: 0, y1: 1, line });
  function shapes(path) {
    const found = [band(0.75, 0.8, "rgba(224,130,20,0.16)"),
      { type: "line", xref: "paper", x0: 0, x1: 1, y0: 0.8, y1: 0.8, line: { color: RED, width: 1, dash: "dash" } }];
    for (const branch of path.slice(1))
      found.push(upright(data.branches[branch].abscissa_mm[0], { color: GREY, width: 1, dash: "dot" }));
    for (const lesion of data.lesions.filter((one) => path.includes(one.branch)))
      found.push({ type: "rect", x0: lesion.start_mm, x1: lesion.end_mm, yref: "paper", y0: 0, y1: 1,
        fillcolor: "rgba(178,24,43,0.09)", line: { width: 0 }, layer: "below" });
    return found;
  }
  function drawPullback() {
    const path = data.vessels[vessel].path, parts = path.map((branch) => data.branches[branch]);
    const column = (get) => parts.flatMap((part) => Array.from(get(part)));
    const x = column((part) => part.abscissa_mm), where = column((part) => part.abscissa_mm.map(() => plain(part.name)));
    const traces = Object.keys(data.branches[0].ratio).map((state) => ({
      type: "scatter", mode: "lines", name: stateName(state), x, y: column((part) => part.ratio[state]), customdata: where,
      line: { color: state === "resting" ? GREY : BLUE, width: state === data.main ? 2.4 : 1.4 },
      hovertemplate: `<b>${stateName(state)} %{y:.3f}</b><br>%{customdata}, %{x:.1f} mm<extra></extra>` }));
    const readings = data.readings.filter((one) => path.includes(one.branch));
    traces.push({ type: "scatter", mode: "markers", name: "read", x: readings.map((one) => one.abscissa_mm),
      y: readings.map((one) => one.ffr), text: readings.map((one) => plain(readingName(one))), showlegend: false, cliponaxis: false,
      marker: { color: "#fff", size: 9, symbol: "square", line: { color: RED, width: 2 } },
      hovertemplate: `<b>${ratioName} %{y:.3f}</b><br>%{text}, read at %{x:.1f} mm<extra></extra>` });
    traces.push({ type: "scatter", mode: "lines", name: "radius", x, y: column((part) => part.radius_mm), yaxis: "y2",
      fill: "tozeroy", fillcolor: "rgba(140,165,190,0.4)", line: { color: INK, width: 1.2 }, showlegend: false,
      hovertemplate: "radius %{y:.2f} mm<extra></extra>" });
    traces.push({ type: "scatter", mode: "lines", name: "healthy", x, y: column((part) => part.reference_radius_mm), yaxis: "y2",
      line: { color: GREY, width: 1.2, dash: "dash" }, showlegend: false, hovertemplate: "healthy radius %{y:.2f} mm<extra></extra>" });
    const ratios = traces.flatMap((trace) => (trace.yaxis ? [] : trace.y.filter(Number.isFinite)));
    const annotations = data.lesions.filter((one) => path.includes(one.branch)).map((one) => ({
      x: (one.start_mm + one.end_mm) / 2, y: 1, yref: "paper", yanchor: "bottom", showarrow: false,
      text: `${plain(one.name)}<br>${one.stenosis.toFixed(0)} % DS`, font: { ...FONT, size: 11, color: RED } }));
    const axis = { gridcolor: "#eef1f4", zeroline: false, linecolor: GREY, showline: true, ticks: "outside", tickcolor: GREY };
    const layout = { font: FONT, margin: { l: 58, r: 12, t: 36, b: 44 }, hovermode: "closest", shapes: shapes(path), annotations,
      legend: { orientation: "h", x: 0, y: 0.335, yanchor: "bottom", bgcolor: "rgba(255,255,255,0)" },
      hoverlabel: { bgcolor: "#fff", bordercolor: INK, font: FONT },
      xaxis: { ...axis, title: { text: "Distance from the ostium [mm]" }, range: [x[0], Math.max(...x, ...readings.map((one) => one.abscissa_mm))], anchor: "y2" },
      yaxis: { ...axis, title: { text: "Pressure ratio" }, domain: [0.33, 1],
        range: [Math.min(0.7, Math.floor(Math.min(...ratios) * 20) / 20 - 0.03), 1.02] },
      yaxis2: { ...axis, title: { text: "Radius [mm]" }, domain: [0, 0.27], rangemode: "tozero" } };
    document.getElementById("vessel").value = vessel;
    return Plotly.react(pullback, traces, layout, { displayModeBar: false, responsive: true });
  }

  /* The marked place */
  function rows(branch, at, point) {
    const own = data.branches[branch], reading = readingAt(branch, at), lesion = lesionAt(branch, at);
    const found = [["Place", `${own.name}, ${at.toFixed(1)} mm from the ostium` + (lesion ? `, in ${lesion.name}` : "")]];
    for (const [state, values] of Object.entries(own.ratio))
      found.push([stateName(state), fixed(reading && state === data.main ? reading.ffr : interpolate(branch, values, at), 3)]);
    found.push(["Radius, healthy radius", `${fixed(interpolate(branch, own.radius_mm, at), 2)} mm, ` +
      `${fixed(interpolate(branch, own.reference_radius_mm, at), 2)} mm`]);
    for (const quantity of data.quantities.slice(1))
      if (quantity.values && point !== undefined)
        found.push([`${quantity.short} at the point`, Number.isNaN(quantity.values[point]) ? "outside of lesions"
          : `${quantity.values[point].toFixed(quantity.digits)} ${quantity.unit}`]);
    return found;
  }
  async function mark(branch, at, point) {
    const own = data.vessels.findIndex((one) => one.path.includes(branch));
    if (!data.vessels[vessel].path.includes(branch)) { vessel = own; await drawPullback(); }
    const body = document.getElementById("readout");
    body.replaceChildren(...rows(branch, at, point).map(([name, value]) => {
      const row = document.createElement("tr");
      row.append(Object.assign(document.createElement("th"), { textContent: name }),
        Object.assign(document.createElement("td"), { textContent: value }));
      return row;
    }));
    const cursor = upright(at, { color: "#000", width: 2 });
    await Plotly.relayout(pullback, { shapes: [...shapes(data.vessels[vessel].path), cursor] });
    await Plotly.restyle(tree, ring(branch, at), [1]);
    document.getElementById("explore").dataset.marked = JSON.stringify({ branch: data.branches[branch].name, abscissa_mm: at });
  }
  function markReading() {
    const { name, path } = data.vessels[vessel], last = path[path.length - 1];
    const read = ["vessel", "tip"].map((kind) => data.readings.find((one) => one.kind === kind && one.name === name)).find(Boolean);
    return read ? mark(read.branch, read.abscissa_mm) : mark(last, data.branches[last].abscissa_mm.at(-1));
  }

  /* Plotly tells of a click with every frame while the button is down, so a click is found here. */
  function listenToTree() {
    let under = null, pressed = null;
    tree.on("plotly_hover", (event) => { under = event.points[0].curveNumber === 0 ? event.points[0].pointNumber : null; });
    tree.on("plotly_unhover", () => { under = null; });
    tree.addEventListener("mousedown", (event) => { pressed = { x: event.clientX, y: event.clientY, point: under }; }, true);
    tree.addEventListener("mouseup", (event) => {
      if (!pressed || pressed.point === null) return;
      const moved = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
      if (moved < CLICK_PX) mark(surface.branch[pressed.point], surface.abscissa_mm[pressed.point], pressed.point);
    }, true);
  }

  async function begin() {
    document.documentElement.classList.add("interactive");
    await drawTree();
    await choose("ffr");
    const computed = data.vessels.filter((one) => one.ffr !== null).sort((a, b) => a.ffr - b.ffr);
    vessel = Math.max(data.vessels.indexOf(computed[0]), 0);
    await drawPullback();
    await markReading();
    listenToTree();
    pullback.on("plotly_click", (event) => {
      const path = data.vessels[vessel].path, at = event.points[0].x;
      const near = data.readings.find((one) => path.includes(one.branch) && Math.abs(one.abscissa_mm - at) < SNAP_MM);
      if (near) mark(near.branch, near.abscissa_mm); else mark(branchAt(path, at), at);
    });
    for (const button of document.querySelectorAll("[data-quantity]"))
      button.addEventListener("click", () => choose(button.dataset.quantity));
    document.getElementById("vessel").addEventListener("change", async (event) => {
      vessel = Number(event.target.value);
      await drawPullback();
      await markReading();
    });
    document.getElementById("explore").dataset.ready = "yes";
  }
  begin();
})();
