"""`make space`: a folder that is a complete Space, and nothing that a Space does not need."""

import ast
import importlib.util
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from core.inference import installed

ROOT = Path(__file__).parents[2]
NOT_NEEDED = {"tensorflow", "keras", "streamlit", "streamlit-webrtc", "scikit-learn", "skops", "mlflow", "jax", "torch"}

# What a visitor does, in a process to which only what the Space installs is there.
VISIT = """
import base64, json, sys
from importlib.abc import MetaPathFinder
from pathlib import Path

class Absent(MetaPathFinder):
    names = set(json.loads(sys.argv[1]))
    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)

sys.meta_path.insert(0, Absent())
from webapp.space import app, reading, streaming, uploads, faces
app.build()
path = Path(uploads.folder(), "one.webp")
path.write_bytes(Path("webapp/space/samples/2-three-portraits.webp").read_bytes())
model = sys.argv[2]
_, record, result = reading.read({"path": str(path)}, model)
print(len(record["faces"]), len(result.faces))
print("rests on it" in faces.why(path, 2, model)[1])
data = base64.b64encode(path.read_bytes()).decode()
html, session, caption, *_ = streaming.watch({"url": f"data:image/webp;base64,{data}"}, None, model)
print(html[:4], caption.value)
"""


@pytest.fixture(scope="module")
def assembling():
    """The script that assembles, as a module."""
    spec = importlib.util.spec_from_file_location("assemble", ROOT / "packaging" / "space" / "assemble.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def folder(assembling, tmp_path_factory):
    out = tmp_path_factory.mktemp("dist") / "space"
    assembling.assemble(out)
    return out


@pytest.fixture(scope="module")
def installed_there(folder):
    """Names of the packages in the Space's requirements.txt."""
    return {Requirement(line).name for line in (folder / "requirements.txt").read_text().splitlines()}


def test_the_front_matter_is_what_a_space_is_configured_by(folder):
    _, matter, text = (folder / "README.md").read_text().split("---\n", 2)
    fields = yaml.safe_load(matter)
    assert fields["sdk"] == "gradio"
    assert fields["sdk_version"] == metadata.version("gradio")
    assert fields["python_version"] == "3.11"  # text, or YAML would make 3.1 of 3.10
    assert (folder / fields["app_file"]).is_file()
    assert fields["license"] == "apache-2.0"
    assert len(fields["short_description"]) <= 60
    assert "$" not in text
    assert "They were trained on FER2013;" in text


def test_the_requirements_are_the_projects_pins_and_no_index(folder, installed_there):
    project = (ROOT / "requirements.txt").read_text().splitlines()
    for line in (folder / "requirements.txt").read_text().splitlines():
        assert line.replace("opencv-contrib-python", "opencv-python-headless") in project
    assert not installed_there & NOT_NEEDED
    assert {"gradio", "mediapipe", "ai-edge-litert", "plotly"} <= installed_there


def test_the_pins_suit_what_hugging_face_installs_beside_them(folder):
    """gradio[mcp,oauth], in the same run of pip."""
    lines = (folder / "requirements.txt").read_text().splitlines()
    pins = {pin.name: pin for pin in map(Requirement, lines) if not pin.marker or pin.marker.evaluate()}
    extras = [Requirement(line) for line in metadata.requires("gradio")]
    wanted = [
        each for each in extras if each.marker and any(each.marker.evaluate({"extra": e}) for e in ("mcp", "oauth"))
    ]
    assert {"authlib", "mcp"} <= {each.name for each in wanted}
    for each in wanted:
        if each.name in pins:
            (pin,) = pins[each.name].specifier
            assert each.specifier.contains(pin.version), f"{pins[each.name]} but {each}"


def test_one_distribution_owns_cv2_there(folder, installed_there):
    assert {name for name in installed_there if name.startswith("opencv")} == {"opencv-contrib-python"}
    assert {"libgl1", "libglib2.0-0"} <= set((folder / "packages.txt").read_text().split())
    assert set((ROOT / "packages.txt").read_text().split()) <= set((folder / "packages.txt").read_text().split())


@pytest.mark.needs("litert")
def test_the_runtime_of_browsers_goes_along_where_it_can_be_had(assembling, tmp_path):
    assembling.assemble(tmp_path / "space")
    assert {path.suffix for path in (tmp_path / "space" / "assets").iterdir()} == {".js", ".wasm"}


def test_it_holds_the_code_it_runs_and_no_other(folder):
    assert {path.name for path in folder.iterdir()} == {
        "LICENSE", "README.md", "app.py", "core", "models", "packages.txt", "requirements.txt", "webapp",
    }  # fmt: skip
    assert {path.name for path in (folder / "webapp").iterdir()} == {
        "__init__.py", "browser", "charts", "space",
    }  # fmt: skip
    assert not list(folder.rglob("__pycache__"))
    assert not list(folder.rglob("node_modules"))
    for path in (folder / "webapp").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("webapp"):
                assert (folder / node.module.replace(".", "/")).with_suffix(".py").exists() or (
                    folder / node.module.replace(".", "/")
                ).is_dir(), f"{path.name} imports {node.module}"


def test_it_leads_with_the_default_model_and_ships_no_weights(folder, assembling):
    names = assembling.models()
    assert names[0] == installed.default_model()
    assert (folder / "models" / "default.txt").read_text().strip() == names[0]
    assert {path.name for path in (folder / "models").iterdir() if path.is_dir()} == set(names)
    assert not list((folder / "models").rglob("weights*"))
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 30e6


def test_a_model_that_another_runs_comes_along(assembling, tmp_path, monkeypatch):
    """`embedding-mlp` sees a face by the embedder's numbers."""
    monkeypatch.setattr(assembling, "MODELS", ("embedding-mlp",))
    assembling.assemble(tmp_path / "space")
    assert "embedder" in assembling.models()
    assert (tmp_path / "space" / "models" / "embedder" / "embedder.tflite").is_file()


@pytest.mark.slow
def test_it_serves_without_what_it_does_not_install(folder, assembling, installed_there, detector):
    canonical = {
        name.lower().replace("_", "-").replace(".", "-") for name in installed_there | {"pydantic", "pydantic-core"}
    }
    owners = metadata.packages_distributions()
    absent = [
        module
        for module, distributions in owners.items()
        if module not in ("core", "webapp", "cv2")
        and not {each.lower().replace("_", "-").replace(".", "-") for each in distributions} & canonical
    ]
    assert {"streamlit", "sklearn", "tensorflow"} <= set(absent)
    model = assembling.models()[0]
    command = [sys.executable, "-c", VISIT, str(absent).replace("'", '"'), model]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.split("\n")[-4:-1][:2] == ["3 3", "True"]
    assert "<img **1 " in run.stdout


def test_a_folder_is_replaced_whole_or_stays(assembling, tmp_path, monkeypatch):
    out = tmp_path / "space"
    out.mkdir()
    (out / "old").touch()
    monkeypatch.setattr(assembling, "_copy_model", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        assembling.assemble(out)
    assert [path.name for path in tmp_path.iterdir()] == ["space"]
    assert [path.name for path in out.iterdir()] == ["old"]
    monkeypatch.setattr(assembling, "_copy_model", lambda source, target: target.mkdir(parents=True))
    assembling.assemble(out)
    assert [path.name for path in tmp_path.iterdir()] == ["space"]
    assert not (out / "old").exists()
