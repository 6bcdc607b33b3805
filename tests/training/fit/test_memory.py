import numpy as np

from training.fit.progress import peak_memory


def test_what_was_held_once_counts_in_megabytes():
    before = peak_memory()
    held = np.ones((before + 100) * 1_000_000 // 8)  # more than there ever was
    assert before + 90 <= peak_memory() < before * 3 + 300
    del held
    assert peak_memory() >= before + 90
