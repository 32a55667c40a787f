"""archspec formulas"""
