/**
 * The least sum of costs with which every row gets a column of its own (the Hungarian algorithm, in O(rows² · columns)).
 * @param costs a row for each node, a column for each place; at least as many columns as rows.
 */
export function leastCost(costs: readonly (readonly number[])[]): number {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  // Potentials of rows and columns; the row of each column (1 to rows, 0: none); column 0 is a helper.
  const ofRow = new Array<number>(rows + 1).fill(0);
  const ofColumn = new Array<number>(columns + 1).fill(0);
  const rowAt = new Array<number>(columns + 1).fill(0);
  for (let row = 1; row <= rows; row++) {
    const reached = new Array<number>(columns + 1).fill(Number.POSITIVE_INFINITY);
    const from = new Array<number>(columns + 1).fill(0);
    const done = new Array<boolean>(columns + 1).fill(false);
    rowAt[0] = row;
    let column = 0;
    do {
      done[column] = true;
      let least = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let other = 1; other <= columns; other++) {
        if (done[other]) continue;
        const step = costs[rowAt[column]! - 1]![other - 1]! - ofRow[rowAt[column]!]! - ofColumn[other]!;
        if (step < reached[other]!) {
          reached[other] = step;
          from[other] = column;
        }
        if (reached[other]! < least) {
          least = reached[other]!;
          next = other;
        }
      }
      for (let other = 0; other <= columns; other++) {
        if (done[other]) {
          ofRow[rowAt[other]!]! += least;
          ofColumn[other]! -= least;
        } else reached[other]! -= least;
      }
      column = next;
    } while (rowAt[column] !== 0);
    while (column !== 0) {
      rowAt[column] = rowAt[from[column]!]!;
      column = from[column]!;
    }
  }
  return rowAt.slice(1).reduce((sum, row, index) => sum + (row === 0 ? 0 : costs[row - 1]![index]!), 0);
}
