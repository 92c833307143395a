// Counts the ways to put n queens on an n by n board, and checks an array's bounds.

class Board {
  columns: StaticArray<i32>;

  constructor(size: i32) {
    this.columns = new StaticArray<i32>(size);
  }

  isFree(row: i32, column: i32): bool {
    for (let i = 0; i < row; i++) {
      const other = this.columns[i];
      if (other == column || abs(other - column) == row - i) return false;
    }
    return true;
  }

  place(row: i32): i32 {
    const size = this.columns.length;
    if (row == size) return 1;
    let count = 0;
    for (let column = 0; column < size; column++) {
      if (this.isFree(row, column)) {
        this.columns[row] = column;
        count += this.place(row + 1);
      }
    }
    return count;
  }
}

export function queens(n: i32): i32 {
  return new Board(n).place(0);
}

// The element at an index of the array [1, 4, 9, 16]; any other index aborts.
export function square(index: i32): i64 {
  const squares: i64[] = [1, 4, 9, 16];
  return squares[index];
}
