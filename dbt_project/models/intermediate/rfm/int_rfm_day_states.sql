{{ rfm_states('not is_month_end') }}
