"use strict";
(() => {
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
    const key = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const isMissing = (text) => text === "" || text === "–";
    function compare(a, b) {
      const numbers = [Number(a), Number(b)];
      return numbers.every(Number.isFinite) ? numbers[0] - numbers[1] : a.localeCompare(b, undefined, { numeric: true });
    }
    function sort(column, sign) {
      rows.sort((a, b) => {
        const left = key(a, column), right = key(b, column);
        if (isMissing(left) || isMissing(right)) return isMissing(left) - isMissing(right);
        return sign * compare(left, right);
      });
      body.append(...rows);
      heads.forEach((head, n) => {
        if (n === column) head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        else head.removeAttribute("aria-sort");
      });
    }
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () =>
      sort(column, head.getAttribute("aria-sort") === "ascending" ? -1 : 1)));
    const filter = document.getElementById(table.dataset.filter), count = document.getElementById(table.dataset.count);
    filter.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown += 1;
      }
      count.textContent = `${shown} of ${rows.length} vessels`;
    });
  }
})();
