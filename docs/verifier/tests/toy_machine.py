"""A machine small enough for the toy prover: every role, all selectors, next rows of fixed, program and main columns, instances of several heights,
helpers of one, two and three interactions. It is not the machine of docs/spec/machine.md, and its own soundness is not of interest.

The state is (pc, fp, time, pages) with an accumulator in fp and the number of output bytes in pages. Instructions (F, k): 1 adds the
argument k, 2 adds the public word k (its low half), 3 outputs the byte k, 4 gives the result k, 5 halts, 6 traps with reason k.
"""

from zkwasm.constraints import System

TEXT = b"""\
# The toy machine.

bus exec 1 4
bus program 3 3
bus range 4 1
bus public 10 3
bus argument 12 3
bus result 13 3
bus output 14 2
bus exit 15 4

table cpu INSTRUCTION
column main bit isArgument
column main bit isPublic
column main bit isOutput
column main bit isResult
column main bit isHalt
column main bit isTrap
column main bit e
column main u32 pc
column main field fp
column main field fpNext
column main u32 time
column main u32 pages
column main u32 k
column main u32 lo
column main u32 hi
constraint always bit0 (* isArgument (- isArgument 1))
constraint always bit1 (* isPublic (- isPublic 1))
constraint always bit2 (* isOutput (- isOutput 1))
constraint always bit3 (* isResult (- isResult 1))
constraint always bit4 (* isHalt (- isHalt 1))
constraint always bit5 (* isTrap (- isTrap 1))
constraint always one (- e (+ (+ (+ isArgument isPublic) (+ isOutput isResult)) (+ isHalt isTrap)))
constraint always bit6 (* e (- e 1))
constraint always next (- (- fpNext fp) (* (+ isArgument isPublic) lo))
constraint always resultLow (* isResult (- lo fp))
constraint always resultHigh (* isResult hi)
constraint first active (- 1 e)
constraint transition activeFirst (* (* e' (- 1 e)) (+ e' 1))
interaction exec exec receive e pc fp time pages
interaction execNext exec send (- (- e isHalt) isTrap) (+ pc 1) fpNext (+ time 4) (+ pages isOutput)
interaction fetch program send e pc (+ (+ (+ isArgument (* 2 isPublic)) (+ (* 3 isOutput) (* 4 isResult))) (+ (* 5 isHalt) (* 6 isTrap))) k
interaction argument argument receive isArgument k lo hi
interaction public public send isPublic k lo hi
interaction output output send isOutput pages k
interaction result result send isResult k lo hi
interaction exit exit send (+ isHalt isTrap) (* 2 isTrap) (* 1 k) pages (+ time 4)
interaction range range send e k

table summary SINGLE
column main bit b
constraint always bit (* b (- b 1))

table extra OPTIONAL
column main u16 x
constraint last zero x
interaction plus range send x x
interaction minus range receive x x

table program PROGRAM
column program pc pc
column program u16 F
column program u32 k
column main u32 count
interaction provide program receive count pc F k

table image PROGRAM
column main bit used
column program bit valid
constraint always bit (* used (- used 1))
constraint always gate (* used (- 1 valid))
constraint transition order (* valid' (- 1 valid))

table public PUBLIC
column instance u32 i
column instance u32 lo
column instance u32 hi
column main u32 count
constraint first length hi
constraint transition index (- (- i' i) 1)
interaction provide public receive count i lo hi

table bytes FIXED 4
column fixed u8 v
# v = row
column main u32 count
constraint first zero v
constraint transition step (- (- v' v) 1)
interaction provide range receive count v
"""

SYSTEM = System(TEXT)
FIXED = {"bytes": {"v": list(range(16))}}
ADD_ARGUMENT, ADD_PUBLIC, OUTPUT, RESULT, HALT, TRAP = range(1, 7)
_FLAGS = ["isArgument", "isPublic", "isOutput", "isResult", "isHalt", "isTrap"]


def pad(values, height):
    return list(values) + [0] * (height - len(values))


def program_columns(code):
    """code: a list of (F, k)."""
    height = max(16, 1 << (len(code) - 1).bit_length())
    return {
        "program": {
            "pc": pad(range(1, len(code) + 1), height),
            "F": pad([f for f, _ in code], height),
            "k": pad([k for _, k in code], height),
        },
        "image": {"valid": pad([1, 1, 1], 16)},
    }


def public_words(data):
    return [len(data)] + [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]


def execute(code, arguments, public_input, cpu_heights):
    """Runs the code. Gives the witness for ToyProver.prove and (results, output, kind, exit code, steps)."""
    words = public_words(public_input)
    public_height = max(16, 1 << (len(words) - 1).bit_length())
    words = pad(words, public_height)
    rows, output, results = [], [], []
    state = dict(pc=1, fp=0, time=4, pages=0)
    kind = exit_code = None
    while kind is None:
        f, k = code[state["pc"] - 1]
        row = dict(state, k=k, lo=0, hi=0, e=1, fpNext=state["fp"])
        row.update({flag: int(f == i) for i, flag in enumerate(_FLAGS, 1)})
        if f in (ADD_ARGUMENT, ADD_PUBLIC):
            value = arguments[k] if f == ADD_ARGUMENT else words[k]
            row["lo"], row["hi"] = value & 0xFFFFFFFF, value >> 32
            row["fpNext"] += row["lo"]
        elif f == RESULT:
            row["lo"] = state["fp"]
            results.append(state["fp"])
        elif f == OUTPUT:
            output.append(k)
        elif f == HALT:
            kind, exit_code = 0, 0
        else:
            kind, exit_code = 2, k
        rows.append(row)
        state = dict(pc=row["pc"] + 1, fp=row["fpNext"], time=row["time"] + 4, pages=row["pages"] + row["isOutput"])

    columns = [column.name for column in SYSTEM.table("cpu").columns]
    witness = []
    taken = 0
    for height in cpu_heights:
        # the rows that are left are shared out so that every instance has some
        left = len(cpu_heights) - len(witness) - 1
        share = min(height, len(rows) - taken - left)
        part = rows[taken : taken + share]
        taken += share
        witness.append(("cpu", {name: pad([row[name] for row in part], height) for name in columns}))
    assert taken == len(rows)

    def counts(height, indices):
        result = [0] * height
        for index in indices:
            result[index] += 1
        return result

    program = program_columns(code)
    program_height = len(program["program"]["pc"])
    witness.append(("summary", {"b": pad([0, 1, 1], 16)}))
    witness.append(("extra", {"x": pad([5, 3], 16)}))
    witness.append(("program", dict(program["program"], count=counts(program_height, [row["pc"] - 1 for row in rows]))))
    witness.append(("image", dict(program["image"], used=pad([0, 1], 16))))
    witness.append(
        (
            "public",
            {
                "i": list(range(public_height)),
                "lo": [word & 0xFFFFFFFF for word in words],
                "hi": [word >> 32 for word in words],
                "count": counts(public_height, [row["k"] for row in rows if row["isPublic"]]),
            },
        )
    )
    witness.append(("bytes", dict(FIXED["bytes"], count=counts(16, [row["k"] for row in rows]))))
    return witness, (results, bytes(output), kind, exit_code, len(rows))
