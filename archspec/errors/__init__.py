"""archspec errors"""
