namespace Lofizone.Config;

/// <summary>
/// The properties and resources of Solaris and illumos that a zone can't have here, each with the reason. A configuration that names one is
/// refused, because nothing is accepted that has no effect.
/// </summary>
internal static class RefusedProperties
{
    public static IReadOnlyList<GlobalProperty> Global { get; } =
    [
        Refuse("limitpriv", "every zone has the same privileges (docs/security.md), and they can't be changed yet", "default"),
        Refuse("scheduling-class", "Linux schedules zones by their cpu-shares, which Solaris calls FSS", "FSS"),
        Refuse("ip-type", "every zone has a network of its own, which Solaris calls exclusive", "exclusive"),
        Refuse("fs-allowed", "a zone mounts what its user namespace allows, and no filter of file systems exists yet"),
    ];

    public static IReadOnlyList<ResourceType> Resources { get; } =
    [
        ResourceType.Refused("fs", "a zone has its root image alone, and further file systems can't be mounted into it yet"),
        ResourceType.Refused("anet", "interfaces of zones are configured by net; automatic ones can't be made yet", PropertyOrigin.Solaris),
        ResourceType.Refused("device", "devices of the host can't be given to a zone yet"),
        ResourceType.Refused("dataset", "there is no ZFS, and further images can't be given to a zone yet"),
        ResourceType.Refused("admin", "zones are administered by root; sudo(8) gives a user single commands"),
        ResourceType.Refused("security-flags", "Linux has no security flags that a zone could have for itself", PropertyOrigin.Illumos),
        ResourceType.Refused("verified-boot", "a zone has no kernel of its own that could be verified", PropertyOrigin.Solaris),
        ResourceType.Refused("suspend", "a zone can't be suspended", PropertyOrigin.Solaris),
        ResourceType.Refused("virtual-cpu", "a zone runs on the host's CPUs: capped-cpu and dedicated-cpu limit it",
            PropertyOrigin.Solaris),
        ResourceType.Refused("keysource", "an image is not encrypted by Lofizone", PropertyOrigin.Solaris),
    ];

    /// <param name="name">The property.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="standard">The only value that is accepted, because every zone has it.</param>
    private static GlobalProperty Refuse(string name, string reason, string? standard = null)
    {
        ValueKind only = new(standard ?? "-", v =>
            v == standard ? null : $"'{SafeText.Text(v)}' is not possible: {reason}", standard ?? "-");
        return GlobalProperty.Of(name, only, standard is null ? $"can't be set: {reason}" : $"{standard} alone: {reason}", standard) with
        {
            Refusal = standard is null ? reason : null,
        };
    }
}
