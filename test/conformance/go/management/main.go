// Calls of the management API by the vendor's own SDK for Go. Standard input: {endpoint, ak, sk, projectId, instanceId, name}; standard output:
// a list of {call, ok, value | status, code, message}.
package main

import (
	"encoding/json"
	"os"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	apig "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/apig/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/apig/v2/model"
)

type order struct{ Endpoint, Ak, Sk, ProjectId, InstanceId, Name string }

type result struct {
	Call    string `json:"call"`
	Ok      bool   `json:"ok"`
	Value   string `json:"value,omitempty"`
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

var results []result

func note(call string, err error, value func() string) {
	if err == nil {
		results = append(results, result{Call: call, Ok: true, Value: value()})
		return
	}
	refused, typed := err.(*sdkerr.ServiceResponseError)
	if !typed {
		results = append(results, result{Call: call, Message: err.Error()})
		return
	}
	results = append(results, result{Call: call, Status: refused.StatusCode, Code: refused.ErrorCode, Message: refused.ErrorMessage})
}

func text(pointer *string) string {
	if pointer == nil {
		return ""
	}
	return *pointer
}

const release = "DEFAULT_ENVIRONMENT_RELEASE_ID"

func main() {
	var in order
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	credentials := basic.NewCredentialsBuilder().WithAk(in.Ak).WithSk(in.Sk).WithProjectId(in.ProjectId).Build()
	client := apig.NewApigClient(apig.ApigClientBuilder().WithEndpoint(in.Endpoint).WithCredential(credentials).Build())
	instance, name := in.InstanceId, in.Name

	group, err := client.CreateApiGroupV2(&model.CreateApiGroupV2Request{InstanceId: instance, Body: &model.ApiGroupCreate{Name: name}})
	note("CreateApiGroupV2", err, func() string { return group.Id })
	path, timeout, address := "/"+name, int32(1000), "127.0.0.1:9"
	backend := &model.BackendApiCreate{UrlDomain: &address, ReqProtocol: model.GetBackendApiCreateReqProtocolEnum().HTTP,
		ReqMethod: model.GetBackendApiCreateReqMethodEnum().GET, ReqUri: "/", Timeout: timeout}
	api, err := client.CreateApiV2(&model.CreateApiV2Request{InstanceId: instance, Body: &model.ApiCreate{Name: name, Type: model.GetApiCreateTypeEnum().E_1,
		ReqProtocol: model.GetApiCreateReqProtocolEnum().HTTP, ReqMethod: model.GetApiCreateReqMethodEnum().GET, ReqUri: path,
		AuthType: model.GetApiCreateAuthTypeEnum().APP, BackendType: model.GetApiCreateBackendTypeEnum().HTTP, GroupId: group.Id, BackendApi: backend}})
	note("CreateApiV2", err, func() string { return text(api.Id) })
	act := func(action model.ApiActionInfoAction) error {
		_, err := client.CreateOrDeletePublishRecordForApiV2(&model.CreateOrDeletePublishRecordForApiV2Request{InstanceId: instance,
			Body: &model.ApiActionInfo{Action: action, EnvId: release, ApiId: text(api.Id)}})
		return err
	}
	note("CreateOrDeletePublishRecordForApiV2", act(model.GetApiActionInfoActionEnum().ONLINE), func() string { return "online" })
	app, err := client.CreateAnAppV2(&model.CreateAnAppV2Request{InstanceId: instance, Body: &model.AppCreate{Name: name}})
	note("CreateAnAppV2", err, func() string { return text(app.Id) })
	auths, err := client.CreateAuthorizingAppsV2(&model.CreateAuthorizingAppsV2Request{InstanceId: instance,
		Body: &model.ApiAuthCreate{EnvId: release, AppIds: []string{text(app.Id)}, ApiIds: []string{text(api.Id)}}})
	note("CreateAuthorizingAppsV2", err, func() string { return text((*auths.Auths)[0].Id) })
	shown, err := client.ShowDetailsOfApiV2(&model.ShowDetailsOfApiV2Request{InstanceId: instance, ApiId: text(api.Id)})
	note("ShowDetailsOfApiV2", err, func() string { return shown.Name })
	listed, err := client.ListAppsV2(&model.ListAppsV2Request{InstanceId: instance, Name: &name})
	note("ListAppsV2", err, func() string { return text((*listed.Apps)[0].Id) })
	groups, err := client.ListApiGroupsV2(&model.ListApiGroupsV2Request{InstanceId: instance, Name: &name})
	note("ListApiGroupsV2", err, func() string { return (*groups.Groups)[0].Id })
	_, err = client.DeleteApiV2(&model.DeleteApiV2Request{InstanceId: instance, ApiId: text(api.Id)})
	note("DeleteApiV2 while published", err, func() string { return "" })
	note("CreateOrDeletePublishRecordForApiV2", act(model.GetApiActionInfoActionEnum().OFFLINE), func() string { return "offline" })
	_, err = client.DeleteAppV2(&model.DeleteAppV2Request{InstanceId: instance, AppId: text(app.Id)})
	note("DeleteAppV2", err, func() string { return "" })
	_, err = client.DeleteApiV2(&model.DeleteApiV2Request{InstanceId: instance, ApiId: text(api.Id)})
	note("DeleteApiV2", err, func() string { return "" })
	_, err = client.DeleteApiGroupV2(&model.DeleteApiGroupV2Request{InstanceId: instance, GroupId: group.Id})
	note("DeleteApiGroupV2", err, func() string { return "" })
	_, err = client.ShowDetailsOfApiV2(&model.ShowDetailsOfApiV2Request{InstanceId: instance, ApiId: text(api.Id)})
	note("ShowDetailsOfApiV2 when gone", err, func() string { return "" })
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
