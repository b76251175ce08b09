"""Refresh, and who a token says its bearer is."""

from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.views import TokenRefreshView


class WhoAmI(APIView):
    def get(self, request):
        return Response({"id": request.user.pk, "username": request.user.get_username()})


class Ready(APIView):
    authentication_classes, permission_classes = [], [AllowAny]

    def get(self, request):
        return Response({"ready": True})


urlpatterns = [
    path("refresh", TokenRefreshView.as_view()),
    path("whoami", WhoAmI.as_view()),
    path("ready", Ready.as_view()),
]
