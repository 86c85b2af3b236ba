"""Prints one JSON object: the version of Python and of each package of requirements.txt that is installed."""

import importlib.metadata
import json
import platform

PACKAGES = {
    "numpy": ["numpy"],
    "torch": ["torch"],
    "onnx": ["onnx"],
    "onnxruntime": ["onnxruntime"],
    "tensorflow": ["tensorflow-cpu", "tensorflow"],
}


def version(names):
    """The version of the first of `names` that is installed; nothing is imported, so it takes no time."""
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


found = {package: version(names) for package, names in PACKAGES.items()}
print(json.dumps({"python": platform.python_version()} | {name: value for name, value in found.items() if value}))
