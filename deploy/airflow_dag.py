"""The nightly run as a DAG of Airflow 3; copy it into Airflow's folder of DAGs.

Airflow starts the command and reads its exit status: 0 green, 3 another run is going (skipped),
anything else a failure that is tried once more. A run stopped by a gate stops there again, and
what is published stays.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG(
    dag_id="tokui_nightly_refresh",
    schedule="0 6 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Tokyo")),
    catchup=False,  # One run makes up for every missed night.
    max_active_runs=1,
):
    BashOperator(
        task_id="refresh",
        bash_command="cd /opt/tokui && .venv/bin/tokui refresh",
        env={"TOKUI_HOME": "/var/lib/tokui", "TOKUI_CONFIG": "/etc/tokui/tokui.toml"},
        append_env=True,
        skip_on_exit_code=3,
        retries=1,
        retry_delay=timedelta(minutes=10),
        execution_timeout=timedelta(hours=6),
    )
