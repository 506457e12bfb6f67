{#
    Made by `python -m ingestion.contract.dbt_sources` from the feed contract; change the contract instead.
    Key, version column and parent of every raw table.
#}
{% macro contract_tables() %}
    {% do return({
        'raw_pos.stores': {'key': ['store_id'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_pos.staff': {'key': ['staff_id'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_pos.products': {'key': ['product_id'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_pos.members': {'key': ['member_id'], 'version_at': 'updated_at', 'parent_key': none, 'nullable_key': false},
        'raw_pos.receipts': {'key': ['receipt_id'], 'version_at': 'updated_at', 'parent_key': none, 'nullable_key': false},
        'raw_pos.receipt_lines': {'key': ['receipt_id', 'line_no'], 'version_at': none, 'parent_key': 'receipt_id', 'nullable_key': false},
        'raw_pos.payments': {'key': ['receipt_id', 'payment_no'], 'version_at': none, 'parent_key': 'receipt_id', 'nullable_key': false},
        'raw_pos.coupon_redemptions': {'key': ['redemption_id'], 'version_at': none, 'parent_key': 'receipt_id', 'nullable_key': false},
        'raw_pos.coupons_issued': {'key': ['coupon_code', 'member_id'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_pos.register_closings': {'key': ['store_id', 'register_id', 'business_date'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_email.subscribers': {'key': ['subscriber_id'], 'version_at': 'updated_at', 'parent_key': none, 'nullable_key': false},
        'raw_email.campaigns': {'key': ['campaign_id'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_email.contacts': {'key': ['campaign_id', 'subscriber_id', 'member_id'], 'version_at': none, 'parent_key': none, 'nullable_key': true},
        'raw_email.events': {'key': ['event_id'], 'version_at': 'occurred_at', 'parent_key': none, 'nullable_key': false},
        'raw_email.consents': {'key': ['consent_id'], 'version_at': 'occurred_at', 'parent_key': none, 'nullable_key': false},
        'raw_email.attendances': {'key': ['attendance_id'], 'version_at': 'occurred_at', 'parent_key': none, 'nullable_key': false},
        'raw_support.requesters': {'key': ['requester_id'], 'version_at': 'updated_at', 'parent_key': none, 'nullable_key': false},
        'raw_support.tickets': {'key': ['ticket_id'], 'version_at': 'updated_at', 'parent_key': none, 'nullable_key': false},
        'raw_support.ticket_events': {'key': ['ticket_event_id'], 'version_at': 'occurred_at', 'parent_key': none, 'nullable_key': false},
        'raw_support.messages': {'key': ['message_id'], 'version_at': 'created_at', 'parent_key': none, 'nullable_key': false},
        'raw_support.satisfaction_ratings': {'key': ['rating_id'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_support.survey_invitations': {'key': ['invitation_id'], 'version_at': none, 'parent_key': none, 'nullable_key': false},
        'raw_support.chat_links': {'key': ['link_id'], 'version_at': 'occurred_at', 'parent_key': none, 'nullable_key': false},
        'raw_support.survey_responses': {'key': ['response_id'], 'version_at': 'responded_at', 'parent_key': none, 'nullable_key': false},
    }) %}
{% endmacro %}
