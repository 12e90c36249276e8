"""
Grid search over layer configurations
=====================================

How many layers of how many units? scikit-learn's ``GridSearchCV`` tries them.
"""

# %%
# The features stay the same in every fit, so they are computed once, before the search.
import tempfile

from mfccclf import (
    LSTMClassifier,
    MFCCExtractor,
    SequenceStandardScaler,
    make_example_clips,
)

clips = make_example_clips(tempfile.mkdtemp(), n_groups=4, n_clips=2)
extractor = MFCCExtractor(sample_rate=16000, features=["mfcc"], n_frames=None)
X = extractor.fit_transform(clips.paths)
clips

# %%
# Every layer, every size and the kind of pooling are parameters like any other.
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline

net = LSTMClassifier(max_epochs=12, lr=0.01, batch_size=8, random_state=0)
search = GridSearchCV(
    make_pipeline(SequenceStandardScaler(), net),
    {
        "lstmclassifier__hidden_sizes": [(4,), (16,), (16, 8)],
        "lstmclassifier__pooling": ["last", "mean"],
    },
    cv=GroupKFold(2),
)
search.fit(X, clips.labels, groups=clips.groups)

# %%
# The results are those of scikit-learn, so pandas shows them.
import pandas as pd

results = pd.DataFrame(search.cv_results_)
columns = [name for name in results if name.startswith("param_")]
results = results[[*columns, "mean_test_score", "std_test_score", "mean_fit_time"]]
results.sort_values("mean_test_score", ascending=False)

# %%
# The sizes of the layers against the pooling.
from matplotlib import pyplot as plt

table = results.astype({columns[0]: str}).pivot(
    index=columns[0], columns=columns[1], values="mean_test_score"
)
axes = table.plot.barh(xlim=(0, 1), xlabel="Mean accuracy", figsize=(8, 3))
axes.set_ylabel("Units of each LSTM layer")
axes.legend(title="Pooling", loc="center left", bbox_to_anchor=(1, 0.5))
plt.tight_layout()

# %%
# ``mfccclf grid-search`` does the same for a folder of recordings, resumes what was
# interrupted, and knows cheaper ways than the whole grid.
