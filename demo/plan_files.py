"""What the demo's managers plan: `<home>/<plan>.csv`, one file a plan; equal for every seed.

The sentences are those that a retailer would say; some are about months that are over, some about
the months that nights add.
"""

from __future__ import annotations

from pathlib import Path

KPI_TARGETS = """\
kpi,scope_type,scope_key,period_start,period_end,basis,target,direction,note
members,,,2026-09-01,2026-09-30,delta_from_start,50,,会員数を今月中に50人増やす
members,,,2026-10-01,2026-10-31,delta_from_start,50,,来月も50人増やす
net_sales,,,2026-09-01,2026-09-30,yoy_abs,5000000,,売上を前年比500万円アップ
net_sales,,,2026-01-01,2026-12-31,yoy_pct,30,,年間の売上を30%向上
net_sales,store,S001,2026-07-01,2026-09-30,yoy_pct,5,,西新宿店の第3四半期は前年の5%増
email_human_open_rate,,,2026-09-01,2026-09-30,absolute,0.5,,開封率50%
aov,,,2026-10-01,2026-12-31,yoy_pct,3,,客単価を3%上げる
churn_rate,,,2026-09-01,2026-09-30,absolute,0.05,,離脱率は月5%まで
returning_customer_rate,,,2026-04-01,2027-03-31,absolute,0.6,,年度の買い物客の6割は再来店
F2_rate,,,2026-04-01,2027-03-31,delta_from_start,0.02,,F2転換率を2ポイント上げる
complaint_rate,,,2026-09-01,2026-09-30,yoy_pct,-20,,クレームを2割減らす
first_reply_p50,,,2026-09-01,2026-09-30,absolute,60,,最初の返信は1時間以内
nps,,,2026-04-01,2027-03-31,delta_from_start,5,,推奨度を5ポイント上げる
"""

PLAN_FILES = {"kpi_targets": KPI_TARGETS}


def write_plans(home: Path) -> None:
    """Write every plan file of the demo."""
    for name, text in PLAN_FILES.items():
        (home / f"{name}.csv").write_text(text, encoding="utf-8")
