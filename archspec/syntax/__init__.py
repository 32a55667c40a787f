"""archspec syntax"""
