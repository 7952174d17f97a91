/** A time in words as NVCaffe writes it: "18m 8s", "1h 2m 3s"; hours only where there are any. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return `${hours > 0 ? `${hours}h ` : ''}${minutes}m ${whole % 60}s`;
}
