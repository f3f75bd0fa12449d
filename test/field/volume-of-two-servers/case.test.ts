import { expect, it } from "vitest";
import { manifestOf } from "../../../functions/core/instances/capture/describe-server.ts";
import { judgeManifest } from "../../../functions/core/instances/launch/preflight-rules.ts";
import { aResource } from "../../support/builders.ts";

/**
 * An io2 Multi-Attach volume of two servers becomes two separate volumes; a warning names the device.
 * [kubernetes-sigs/aws-ebs-csi-driver#2336 #2003, canonical/lxd#15349]
 */
it("a Multi-Attach volume that two servers share comes up as two separate volumes: that is told", () => {
  const shared = {
    VolumeId: "vol-shared",
    Size: 250,
    VolumeType: "io2",
    Iops: 3000,
    MultiAttachEnabled: true,
    Attachments: [{ InstanceId: "i-1" }, { InstanceId: "i-2" }],
  };
  const told = ["i-1", "i-2"].flatMap((id) => {
    const instance = {
      InstanceId: id,
      RootDeviceName: "/dev/xvda",
      BlockDeviceMappings: [
        { DeviceName: "/dev/xvda", Ebs: { VolumeId: `vol-${id}` } },
        { DeviceName: "/dev/sdf", Ebs: { VolumeId: "vol-shared" } },
      ],
      UsageOperation: "RunInstances",
      NetworkInterfaces: [{}],
    };
    const manifest = manifestOf(
      {
        instance,
        volumes: [{ VolumeId: `vol-${id}`, Size: 8, VolumeType: "gp3" }, shared],
        cidr: "10.0.0.0/24",
        instanceStoreVolumes: 0,
        userData: null,
      } as never,
      aResource(),
      { application: "shop", point: "p" },
    );
    const { problems, warnings } = judgeManifest(manifest);
    return [...problems, ...warnings];
  });
  expect(told.join()).toContain("/dev/sdf");
});
