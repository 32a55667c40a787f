"""archspec report"""
