"""JSON reports against docs/sceau.verify-1.schema.json, read with jsonschema.

Called with the schema and a folder of reports. Prints one line for each thing that is wrong. Readers may meet keys that the schema does
not have; here each key must be described.
"""

import json
import pathlib
import sys

import jsonschema


def strict(schema):
    """The same where no other keys may be."""
    if isinstance(schema, dict):
        if "properties" in schema:
            schema["additionalProperties"] = False
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)
    return schema


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(strict(schema))
    reports = sorted(pathlib.Path(sys.argv[2]).glob("*.json"))
    if not reports:
        print("no reports")
    for path in reports:
        for error in validator.iter_errors(json.loads(path.read_text())):
            print(f"{path.stem}: {error.json_path}: {error.message[:200]}")
    empty = list(validator.iter_errors({"schema": "sceau.verify/2"}))
    if not empty:
        print("the schema takes anything")


if __name__ == "__main__":
    main()
