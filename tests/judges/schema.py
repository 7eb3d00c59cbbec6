"""JSON reports against docs/sceau.verify-1.schema.json or docs/sceau.verify-batch-1.schema.json, read with jsonschema.

Called with the schema, a folder of reports, and schemas that it refers to. Prints one line for each thing that is wrong. Readers may
meet keys that the schema does not have; here each key must be described.
"""

import json
import pathlib
import sys

import jsonschema
import referencing


def strict(schema):
    """The same where no other keys may be."""
    if isinstance(schema, dict):
        if "properties" in schema:
            # What stands beside a reference describes some of the keys, the reference the others.
            schema["unevaluatedProperties" if "allOf" in schema else "additionalProperties"] = False
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)
    return schema


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    schema = strict(schema)
    if "Line" in schema.get("$defs", {}):
        # What stands within a line stands beside its schema, so that it is the line that has no other keys.
        for name in ("File", "Summary"):
            del schema["$defs"][name]["additionalProperties"]
            schema["$defs"][name + "Alone"] = {"$ref": f"#/$defs/{name}", "unevaluatedProperties": False}
        document = schema["$defs"]["Document"]["properties"]
        document["files"]["items"] = {"$ref": "#/$defs/FileAlone"}
        document["summary"] = {"$ref": "#/$defs/SummaryAlone"}
    others = [strict(json.loads(pathlib.Path(path).read_text())) for path in sys.argv[3:]]
    registry = referencing.Registry().with_resources(
        (other["$id"], referencing.Resource.from_contents(other)) for other in others
    )
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
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
