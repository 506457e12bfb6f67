"""Crash safety, tried out: runs that are killed, that find the disk full, or too little memory.

Whatever happens to a run, the served file is whole at every moment, and the next undisturbed run
gives exactly what a retailer has whose runs were never disturbed (its twin).
"""
