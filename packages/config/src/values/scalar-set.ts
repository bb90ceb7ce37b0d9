import { compareScalars, type Scalar } from './scalar.ts';

/** A set of scalars in the order of the format (config §2). It never changes; other sets are made from it. */
export class ScalarSet {
  readonly members: readonly Scalar[];

  /** `members` must be strictly ascending. */
  constructor(members: readonly Scalar[]) {
    this.members = members;
  }

  /** The set of what is given, in any order and with duplicates. */
  static of(scalars: Iterable<Scalar>): ScalarSet {
    const sorted = [...scalars].sort(compareScalars);
    return new ScalarSet(
      sorted.filter((scalar, index) => index === 0 || compareScalars(sorted[index - 1]!, scalar) !== 0),
    );
  }

  has(scalar: Scalar): boolean {
    return this.members.some((member) => compareScalars(member, scalar) === 0);
  }

  union(added: ScalarSet): ScalarSet {
    return ScalarSet.of([...this.members, ...added.members]);
  }

  /** The members that `other` does not have. */
  minus(other: ScalarSet): ScalarSet {
    let position = 0;
    const kept = this.members.filter((member) => {
      while (position < other.members.length && compareScalars(other.members[position]!, member) < 0) position++;
      return position >= other.members.length || compareScalars(other.members[position]!, member) !== 0;
    });
    return new ScalarSet(kept);
  }

  equals(other: ScalarSet): boolean {
    return (
      this === other ||
      (this.members.length === other.members.length &&
        this.members.every((member, index) => compareScalars(member, other.members[index]!) === 0))
    );
  }
}

export const EMPTY_SET = new ScalarSet([]);
