/**
 * The Hungarian method: which row goes with which column so that the sum is least, as `linear_sum_assignment` of SciPy.
 *
 * @param {number[][]} costs Rows of columns, at least one of each.
 * @returns {[number, number][]} Pairs of row and column, as many as the shorter side has, by row.
 */
export function assignment(costs) {
  const [rows, columns] = [costs.length, costs[0].length];
  if (rows > columns) {
    const turned = assignment(costs[0].map((_, column) => costs.map((row) => row[column])));
    return turned.map(([column, row]) => /** @type {[number, number]} */ ([row, column])).sort((a, b) => a[0] - b[0]);
  }
  // Shortest augmenting paths (Jonker and Volgenant 1987); row and column 0 stand for none.
  const [rowPrice, columnPrice] = [new Array(rows + 1).fill(0), new Array(columns + 1).fill(0)];
  const rowOf = new Array(columns + 1).fill(0);
  for (let start = 1; start <= rows; start++) {
    const [least, cameFrom] = [new Array(columns + 1).fill(Infinity), new Array(columns + 1).fill(0)];
    const isDone = new Array(columns + 1).fill(false);
    rowOf[0] = start;
    let column = 0;
    while (rowOf[column] !== 0) {
      isDone[column] = true;
      const row = rowOf[column];
      let [step, next] = [Infinity, 0];
      for (let each = 1; each <= columns; each++) {
        if (isDone[each]) continue;
        const cost = costs[row - 1][each - 1] - rowPrice[row] - columnPrice[each];
        if (cost < least[each]) [least[each], cameFrom[each]] = [cost, column];
        if (least[each] < step) [step, next] = [least[each], each];
      }
      for (let each = 0; each <= columns; each++) {
        if (isDone[each]) {
          rowPrice[rowOf[each]] += step;
          columnPrice[each] -= step;
        } else {
          least[each] -= step;
        }
      }
      column = next;
    }
    for (; column; column = cameFrom[column]) rowOf[column] = rowOf[cameFrom[column]];
  }
  return Array.from({ length: columns }, (_, index) => /** @type {[number, number]} */ ([rowOf[index + 1] - 1, index]))
    .filter(([row]) => row >= 0)
    .sort((a, b) => a[0] - b[0]);
}
