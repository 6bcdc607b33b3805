from webapp.ui.shared.messages import escaped


def test_text_of_others_is_no_markdown():
    assert escaped("a_b [x](y) :red[z]") == r"a\_b \[x\]\(y\) \:red\[z\]"
