"""The labels of a dataset, compared with people's votes and with models' answers."""

import streamlit as st

from training.audit import label_quality
from training.audit.label_quality import by_model, by_votes, predictions
from training.datasets.index import Rows
from webapp.charts import matrix, theme
from webapp.ui.dataset import tiles
from webapp.ui.shared.datasets import split_name
from webapp.ui.shared.picture_wall import Tile, paged

_A_PAGE = 32
_VOTES = "People's votes"
_NO_VOTES = (
    "This dataset has no votes. FER2013 gets ten for each image when it is imported together with FER+'s "
    "`fer2013new.csv`."
)


def show_votes(rows: Rows) -> None:
    """Show the labels against the votes of ten people, and the images on which these differed most."""
    if not rows.votes.any():
        st.info(_NO_VOTES, icon=":material/how_to_vote:")
        return
    table = label_quality.agreement(rows)
    st.markdown(
        f"**{label_quality.share_agreed(table):.1%}** of the images have the label that most of ten people chose "
        "(FER+). Numbers are images; the stronger the colour, the larger their share of the label."
    )
    figure = matrix.share_matrix(
        table.to_numpy(),
        table.index,
        table.columns,
        row_title="label",
        column_title="most people say",
        hover="labelled %{y}, most people say %{x}",
    )
    st.plotly_chart(figure, config=theme.CONFIG, alt="Labels against votes")
    st.header("Most disputed", anchor=False)
    found = label_quality.disputed(rows)
    shown = found[paged(len(found), f"dataset_disputed_{rows.hash}", _A_PAGE)]
    tiles.show(
        rows,
        [
            Tile(int(each.row), (f"labelled {each.label}", label_quality.in_words(rows.votes[each.row])))
            for each in shown.itertuples()
        ],
        "disputed",
    )


def show_doubtful(rows: Rows) -> None:
    """Show the labels that people or a model contradict, the clearest cases first."""
    predicted = predictions(rows)
    sources = ([_VOTES] if rows.votes.any() else []) + list(predicted)
    part = split_name(rows, "public-test")
    if not sources:
        st.info(
            f"{_NO_VOTES} Or let a model check the labels of {part}: evaluate it there first.",
            icon=":material/psychology_alt:",
        )
        return
    source = st.segmented_control(
        "Doubted by", sources, default=sources[0], required=True, key="dataset_doubted_by", persist_state="session"
    )
    if source == _VOTES:
        st.markdown("More than half of ten people chose another label. The clearest come first.")
        found = by_votes(rows)
    else:
        st.markdown(
            f"Labels of {part} that this model contradicts with confidence (confident learning, Northcutt et al. "
            "2021). It may be the model that is wrong: look before you change a label."
        )
        found = by_model(rows, predicted[source])
    st.caption(f"{len(found):,} labels")
    shown = found[paged(len(found), f"dataset_doubtful_{rows.hash}_{source}", _A_PAGE)]
    tiles.show(
        rows,
        [Tile(int(each.row), (f"labelled {each.label}", f"rather {each.suggested}")) for each in shown.itertuples()],
        "doubtful",
    )
