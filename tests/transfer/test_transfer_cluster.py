"""Layer-wise transfer on a dask cluster: the same bits as here.

It needs the `cluster` extra and is skipped without it.
"""

import pandas as pd
import pytest
from transfer_cases import small_model, some_tasks

import keras_freq as kf

distributed = pytest.importorskip("distributed")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_bits(tmp_path):
    options = {"steps": 3, "batch_size": 8, "progress": False, "layers": [1, 3]}
    options |= {"treatments": ["AnB", "random"], "directions": ["A->B"]}
    here = kf.layerwise_transfer(small_model, *some_tasks(), **options)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        there = kf.layerwise_transfer(
            small_model,
            *some_tasks(),
            executor=client.get_executor(),
            folder=tmp_path / "cluster",
            **options,
        )
    pd.testing.assert_frame_equal(there.frame, here.frame, check_exact=True)
