"""Is a file whole? One check for each kind of file that Headlight writes. Standard library only."""
import json
import pathlib
import re
import struct
import xml.etree.ElementTree
import zlib

TEMPORARY = re.compile(r"\.tmp-[0-9a-f]{8}-\d+-\d+$")
DTYPE_BYTES = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "U8": 1, "I8": 1, "BOOL": 1}


def is_temporary(path):
    return bool(TEMPORARY.search(str(path)))


def need(condition, words):
    if not condition:
        raise ValueError(words)


def check_png(data):
    need(data.startswith(b"\x89PNG\r\n\x1a\n"), "no PNG")
    at, last = 8, b""
    while at < len(data):
        (length,) = struct.unpack(">I", data[at:at + 4])
        last, body = data[at + 4:at + 8], data[at + 8:at + 8 + length]
        (crc,) = struct.unpack(">I", data[at + 8 + length:at + 12 + length])
        need(zlib.crc32(last + body) == crc, f"chunk {last} is damaged")
        at += 12 + length
    need(last == b"IEND", "the PNG ends early")


def check_safetensors(data):
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    end = 0
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        begin, stop = tensor["data_offsets"]
        count = DTYPE_BYTES[tensor["dtype"]]
        for size in tensor["shape"]:
            count *= size
        need(stop - begin == count, f"{name} has another length than its shape")
        end = max(end, stop)
    need(len(data) == 8 + length + end, "bytes are missing or too many")


def check_events(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack("<Q", data[at:at + 8])
        at += 16 + length
    need(at == len(data), "the last record is cut off")


def journal_records(data):
    """Whole records of a scan's journal. A kill may cut the last one off; the next run cuts there."""
    need(data.startswith(b"HLSCAN1\n"), "no journal")
    at, count = 8, 0
    while at + 12 <= len(data):
        (size,) = struct.unpack("<I", data[at:at + 4])
        if at + 12 + size > len(data):
            break
        at += 12 + size
        count += 1
    need(count > 0, "the journal has no header")
    return count


def check_csv(data):
    lines = data.decode().splitlines()
    need(data.endswith(b"\n") and lines, "the last line is cut off")
    # Quoted fields may hold commas; numbers and names here have none outside of quotes.
    fields = {len(re.sub(r'"[^"]*"', "", line).split(",")) for line in lines}
    need(len(fields) == 1, f"lines of {sorted(fields)} fields")


def check_json_lines(data):
    need(not data or data.endswith(b"\n"), "the last line is cut off")
    for line in data.decode().splitlines():
        json.loads(line)


def check_pdf(data):
    need(data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF"), "the PDF ends early")


def check_html(data):
    need(data.rstrip().endswith(b"</html>"), "the page ends early")


CHECKS = {
    ".json": json.loads, ".jsonl": check_json_lines, ".png": check_png, ".pdf": check_pdf, ".csv": check_csv,
    ".svg": xml.etree.ElementTree.fromstring, ".html": check_html, ".safetensors": check_safetensors,
    ".bin": journal_records, ".headlight": json.loads, ".lock": lambda data: need(not data, "a lock holds nothing"),
}


def check_folder(folder):
    """Every file below is whole; temporary ones, which a kill leaves, apart. Raises ValueError with the file's name."""
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if not path.is_file() or is_temporary(path):
            continue
        check = check_events if ".tfevents." in path.name else CHECKS.get(path.suffix)
        try:
            need(check is not None or path.suffix in {".txt", ".log"}, "a file of an unknown kind")
            if check is not None:
                check(path.read_bytes())
        except Exception as problem:  # whatever a parser says, the file is not whole
            raise ValueError(f"{path} is not whole: {problem}") from problem


def temporaries(folder):
    return [path for path in pathlib.Path(folder).rglob("*") if is_temporary(path)]
