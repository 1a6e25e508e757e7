import csv
from pathlib import Path

import pytest

from services.contracts.application import LoanApplication
from services.sample.__main__ import main
from services.sample.files import write_sample

FIELDS = tuple(LoanApplication.model_fields)
WORDS = {
    name for name, field in LoanApplication.model_fields.items() if "float" not in str(field.annotation)
} - {"SK_ID_CURR"}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_sample(tmp_path_factory.mktemp("sample"), rows=2_000, unlabelled=900, seed=7)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def typed(row: dict[str, str]) -> dict[str, str | int | float]:
    cells: dict[str, str | int | float] = {
        name: text if name in WORDS else float(text)
        for name, text in row.items()
        if text and name != "TARGET"
    }
    return cells | {"SK_ID_CURR": int(row["SK_ID_CURR"])}


def test_the_header_is_the_contract_with_the_target_second(sample: tuple[Path, Path]) -> None:
    train, test = (tuple(rows_of(path)[0]) for path in sample)
    assert train == (FIELDS[0], "TARGET", *FIELDS[1:])
    assert test == FIELDS


def test_there_are_as_many_rows_as_asked_for_and_no_number_twice(sample: tuple[Path, Path]) -> None:
    train, test = (rows_of(path) for path in sample)
    assert (len(train), len(test)) == (2_000, 900)
    assert len({row["SK_ID_CURR"] for row in train + test}) == 2_900


def test_every_row_passes_the_contract(sample: tuple[Path, Path]) -> None:
    for path in sample:
        for row in rows_of(path)[:400]:
            application = LoanApplication.model_validate(typed(row))
            assert not application.model_extra


def test_cells_are_written_as_in_the_source_table(sample: tuple[Path, Path]) -> None:
    rows = rows_of(sample[0])
    for name in ("TARGET", "CNT_CHILDREN", "DAYS_BIRTH", "DAYS_EMPLOYED", "DAYS_ID_PUBLISH", "FLAG_PHONE"):
        assert all("." not in row[name] for row in rows)
    for name in ("AMT_CREDIT", "CNT_FAM_MEMBERS", "DAYS_REGISTRATION", "OWN_CAR_AGE", "ELEVATORS_AVG"):
        assert all("." in row[name] for row in rows if row[name])
    assert not any(row["DAYS_LAST_PHONE_CHANGE"].startswith("-0") for row in rows)
    assert any(row["WALLSMATERIAL_MODE"] == "Stone, brick" for row in rows)


def test_the_same_arguments_write_the_same_bytes(sample: tuple[Path, Path], tmp_path: Path) -> None:
    again = write_sample(tmp_path, rows=2_000, unlabelled=900, seed=7)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in sample]


def test_another_seed_writes_other_rows(sample: tuple[Path, Path], tmp_path: Path) -> None:
    other = write_sample(tmp_path, rows=2_000, unlabelled=900, seed=8)
    assert rows_of(other[0])[0] != rows_of(sample[0])[0]


def test_a_smaller_sample_is_the_beginning_of_a_larger_one(sample: tuple[Path, Path], tmp_path: Path) -> None:
    for large, small in zip(sample, write_sample(tmp_path, rows=150, unlabelled=120, seed=7), strict=True):
        assert large.read_bytes().startswith(small.read_bytes())


def test_nothing_but_the_two_files_is_left(sample: tuple[Path, Path]) -> None:
    assert sorted(sample[0].parent.iterdir()) == sorted(sample)


def test_the_command_says_in_one_line_what_it_wrote(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--out", str(tmp_path / "new" / "folder"), "--rows", "200"]) == 0
    assert len(rows_of(tmp_path / "new" / "folder" / "application_test.csv")) == 90
    output = capsys.readouterr().out
    assert output.count("\n") == 1
    assert "200 labelled applications" in output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--rows", "99"], "'99' is not a whole number of at least 100"),
        (["--rows", "many"], "'many' is not a whole number of at least 100"),
        (["--unlabelled", "0"], "'0' is not a whole number of at least 1"),
        (["--seed", "-1"], "'-1' is not a whole number of at least 0"),
        (["--colour", "red"], "unrecognized arguments: --colour red"),
    ],
)
def test_a_bad_argument_is_one_sentence_and_code_2(
    arguments: list[str], complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--out", str(tmp_path), *arguments])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert complaint in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_one_sentence_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(SystemExit) as ended:
        main(["--out", str(taken), "--rows", "100"])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"cannot write to {taken}")
    assert error.count("\n") == 1


def test_a_sample_that_is_there_can_be_kept(tmp_path: Path) -> None:
    written = write_sample(tmp_path, rows=200, unlabelled=100, seed=7)
    before = [file.read_bytes() for file in written]
    assert main(["--out", str(tmp_path), "--rows", "300", "--keep"]) == 0
    assert [file.read_bytes() for file in written] == before
    written[1].unlink()
    assert main(["--out", str(tmp_path), "--rows", "300", "--keep"]) == 0
    assert written[0].read_bytes() != before[0]
