"""The studio's live page and the Space's webcam, where the browser itself reads."""

import pytest

pytestmark = [pytest.mark.needs("detector", "litert"), pytest.mark.slow]


@pytest.fixture(scope="module")
def studio_with_runtime(serve):
    return serve("-m", "streamlit", "run", "webapp/Home.py", "--server.port={port}", "--server.fileWatcherType=none")


def test_the_camera_outlives_a_run_of_the_page(studio_with_runtime, visit):
    tab = visit(f"{studio_with_runtime}/live")
    tab.get_by_label("Everyone in view").check()
    tab.get_by_role("button", name="Start", exact=True).click()
    face = tab.locator(".face h2").filter(has_text="happy")
    face.wait_for()
    tab.keyboard.press("r")
    tab.wait_for_timeout(2000)
    face.wait_for()
    assert tab.get_by_role("button", name="Stop", exact=True).is_visible()
    assert visit.hosts <= {"localhost", None}  # None: what a page makes itself
    tab.get_by_text("On the server").click()
    tab.get_by_role("button", name="Stop", exact=True).wait_for(state="detached")


def test_the_webcam_of_the_space(serve, tmp_path, visit):
    address = serve("webapp/space/app.py", GRADIO_SERVER_PORT="{port}", TMPDIR=str(tmp_path))
    tab = visit(address)
    tab.get_by_role("tab", name="Webcam").click()
    tab.get_by_label("Everyone in view").locator("visible=true").check()
    tab.get_by_role("button", name="Start", exact=True).click()
    tab.locator(".face h2").filter(has_text="happy").wait_for()
    assert visit.hosts <= {"localhost", None}
