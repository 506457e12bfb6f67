"""What people plan and decide, in CSV files of their own: targets, segments, lists, hours.

`tables.py` says which files there are and what stands in them, `model.py` of what kinds a column
may be, `load.py` reads and checks them into schema `plans`, from where dbt's intermediate models
read. `defaults/` holds what counts where the settings name no file. What a plan means is not
decided here but in the models.
"""
