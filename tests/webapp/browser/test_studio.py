"""The photo page in a real browser: a photo goes in, its expression comes out, and no other host is asked."""

import json

from PIL import Image


def download(tab, label, folder):
    with tab.expect_download() as pending:
        tab.get_by_role("button", name=label).click()
    path = folder / pending.value.suggested_filename
    pending.value.save_as(path)
    return path


def test_a_photo_is_read_and_a_broken_file_is_named(visit, studio, portrait, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_text("not a picture")
    tab = visit(f"{studio}/photo")
    tab.locator("input[type=file]").first.set_input_files(broken)
    tab.get_by_role("alert").get_by_text("broken.jpg").wait_for()
    assert "Traceback" not in tab.content()
    tab.reload()
    tab.locator("input[type=file]").first.set_input_files(portrait)
    tab.get_by_alt_text("astronaut.png: Face 1: happy").wait_for()
    tab.locator(".js-plotly-plot").get_by_text("surprise").wait_for()
    assert Image.open(download(tab, "Picture (PNG)", tmp_path)).size == (512, 512)
    (picture,) = json.loads(download(tab, "JSON", tmp_path).read_text())["pictures"]
    assert picture["faces"][0]["label"] == "happy"
    assert visit.hosts <= {"localhost", "127.0.0.1", None}  # `data:` and `blob:` addresses have no host


def test_on_a_telephone_the_model_is_in_the_page_and_many_faces_are_compact(visit, studio):
    tab = visit(f"{studio}/photo", width=390)
    tab.get_by_role("combobox", name="Model").wait_for()
    tab.get_by_role("radio", name="Sample").click()
    bars = tab.locator(".js-plotly-plot")
    bars.first.wait_for()  # one face alone
    tab.get_by_role("radio", name="Six faces").click()
    tab.get_by_text("Face 6:").wait_for()
    bars.nth(5).wait_for(state="attached")
    assert not any(each.is_visible() for each in bars.all())
    assert tab.get_by_text("Then ").first.is_visible()
    assert tab.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight") < 2500
    tab.set_viewport_size({"width": 1280, "height": 1000})
    bars.nth(5).wait_for()
    assert not tab.get_by_text("Then ").first.is_visible()
