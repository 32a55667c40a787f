"""archspec elaborate"""
