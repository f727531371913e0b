import * as z from "zod/mini";

/** The field `ipReport` of the configuration file. */
export const IpReport = z.strictObject({
  /** False: the button does nothing. */
  isOn: z._default(z.boolean(), true),
});
export type IpReportConfig = z.infer<typeof IpReport>;
