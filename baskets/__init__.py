"""What goes together: the counts of baskets that are kept between nights.

The counting itself is done in SQL, by the models `int_basket_*`.
"""
